"""State and use-cases: the only package that knows SQLAlchemy and the database."""
