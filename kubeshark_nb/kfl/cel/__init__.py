"""KFL 2: filters written in CEL."""
