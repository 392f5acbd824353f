"""The sync protocol as pure functions: no clock, no chance, no input or output."""
