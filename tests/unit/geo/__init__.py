"""Unit tests of geo."""
