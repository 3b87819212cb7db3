"""The JavaScript engine, scripts, hooks and limits; knows no helper."""
