"""What the shell of both apps computes without a page, played by Node's own test runner."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

SUITES: Final = sorted((Path(__file__).parents[2] / "mobile_api" / "web" / "shell" / "tests").glob("*.test.ts"))
NODE: Final = os.environ.get("OUTRIDER_NODE") or str(Path(sys.prefix) / "bin" / "node")


def test_the_shells_own_suites_are_green() -> None:
    assert SUITES
    environment = {**os.environ, "NODE_NO_WARNINGS": "1"}
    told = subprocess.run([NODE, "--test", *map(str, SUITES)], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 0, told.stdout[-4_000:] + told.stderr[-2_000:]
