"""Planted faults: servers that do wrong on purpose, so that what watches them can be seen to notice."""
