"""Imports: the words of each kind of file, and the records that its rows become."""
