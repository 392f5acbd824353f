"""Pure geometry: integers in, integers out; no clock, no dice, no I/O; the only user of geographiclib and geopy."""
