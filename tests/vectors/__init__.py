"""Vectors: what the pure rules of Python give, as JSON that Node's test runner plays against their twins in TypeScript; a module a room."""
