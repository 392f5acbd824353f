"""Tests of the offline day's pure parts."""
