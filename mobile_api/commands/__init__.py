"""Sub-commands of `outrider`, loaded by name."""
