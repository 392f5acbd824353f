"""Providers of push that stand on loopback: the tests send to them through the real libraries."""
