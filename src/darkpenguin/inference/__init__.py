"""Profile over nuisances, best fit, limits, goodness of fit."""
