"""The reference device as a program: its SQLite file, its HTTP, its terminal."""
