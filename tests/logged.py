"""What this process logs, as who reads its standard error gets it."""

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest

from mobile_api import logs


@contextmanager
def logged(level: str) -> Iterator[BinaryIO]:
    """Log into a pipe from here to the end of the block, which alone reads it."""
    reading, writing = os.pipe()
    root = logging.getLogger()
    before, level_before = root.handlers[:], root.level
    with pytest.MonkeyPatch.context() as patched, io.FileIO(writing, "w") as stderr, io.BufferedReader(io.FileIO(reading)) as reader:
        patched.setattr(sys, "stderr", stderr)
        logs.configure(level)
        try:
            yield reader
        finally:
            logs.ACCESS.lines = None
            root.handlers[:] = before
            root.setLevel(level_before)
