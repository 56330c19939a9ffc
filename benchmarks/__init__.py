"""Our times beside those of the peers, one core: `python -m benchmarks`. Workers of peers import nothing of ours."""
