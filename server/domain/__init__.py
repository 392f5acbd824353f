"""Business rules as pure functions: actor, records and time come in, a decision or a Problem comes out."""
