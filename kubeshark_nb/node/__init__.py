"""One virtual node: a capture, its dissectors, its scripts, its clock."""
