"""Widths and lifetimes of light states, how often they escape, and their annihilation and production amplitudes."""
