"""Published results as data files, and one module per kind of likelihood."""
