"""Invisible side: one file for each kind of final state."""
