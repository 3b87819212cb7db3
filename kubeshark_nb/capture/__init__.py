"""Where frames come from: files, pipes, interfaces, hubs. Everything yields the same batches."""
