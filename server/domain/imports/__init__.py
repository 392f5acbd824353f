"""Imports: what each kind of file says, and what becomes of its rows."""
