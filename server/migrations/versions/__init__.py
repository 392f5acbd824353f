"""One step a file, `NNNN_name.py`; written out, never derived from today's models."""
