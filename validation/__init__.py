"""Every number that the library reproduces, beside the published one: `python -m validation [--write PAGE]`."""
