"""What helpers call: one file per service; no JavaScript, no session."""
