"""The types that every layer shares: inputs, couplings, spectra, models, likelihoods."""
