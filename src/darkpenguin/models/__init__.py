"""One file per model; nothing imports them but the index."""
