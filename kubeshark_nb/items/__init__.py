"""The item: its envelope, its JSON shape, its names."""
