"""Items kept on disk in immutable segments, queried, paged and exported."""
