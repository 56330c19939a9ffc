"""One self-contained page from saved results."""
