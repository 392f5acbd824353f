"""Numbered, frozen steps from an empty database to today's tables; expand first, contract a release later, never back."""
