"""Published figures and tables made anew: what `darkpenguin reproduce` knows."""
