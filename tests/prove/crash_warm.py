"""Imported once by the process that every point is forked from: it has prepared databases before, so no fork compiles statements anew."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Final

from tests.prove.crash_scene import prepare

VARIABLE: Final = "OUTRIDER_TEST_CRASH_WARM"
"""URLs of empty databases to prepare, besides one on SQLite."""


def warm() -> None:
    """Do once what the points do, with all threads and connections ended when it is over."""
    with tempfile.TemporaryDirectory(prefix="outrider_crash_warm_") as folder:
        urls = [f"sqlite:///{folder}/warm.db", *os.environ.get(VARIABLE, "").split()]
        for number, url in enumerate(urls):
            asyncio.run(prepare(url, Path(folder, f"{number}.backup")))


warm()
