"""What scripts see: one file per namespace."""
