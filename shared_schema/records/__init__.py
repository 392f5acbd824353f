"""Records, one file per aggregate; slots are append-only and in one order for row, struct, patch and wire."""
