"""Measures this program against the limits of its own databases and of the usual ways, in one run (docs/performance.md)."""
