"""The early universe: relic densities by freeze-out and freeze-in, late annihilation and decay, N_eff."""
