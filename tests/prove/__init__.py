"""Proofs: each runs a tier of the design at any count, `python -m tests.prove NAME KEY=value …`."""
