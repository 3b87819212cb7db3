"""Many nodes: shard, run, merge."""
