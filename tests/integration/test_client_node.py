"""The tests of the TypeScript phone that need no server, under Node's own runner."""

import subprocess
from pathlib import Path

import pytest

from tests.integration.client import NODE, WEB

TESTS = sorted((WEB / "client" / "tests").glob("phone*.test.ts"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name.partition(".")[0])
def test_node_s_runner_finds_no_fault(path: Path) -> None:
    told = subprocess.run([str(NODE), "--test", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert told.returncode == 0, told.stdout
