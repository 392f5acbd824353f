"""Style is a unit test: every file of the tree keeps the house rules, and every rule can fail."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.meta import tidy
from tests.meta.tidy import Source, broken

ROOT = Path(__file__).parents[2]
DUTY = '"""Do one thing."""\n'
LONG_FUNCTION = DUTY + "def f():\n" + "    pass\n" * 40
SEVEN = DUTY + "def f(a, b, c, d, *, e, f, g): ...\n"
METHOD_OF_SIX = DUTY + "class Rep:\n    def f(self, a, b, c, d, e, f): ...\n"

BAD = [
    ("sync/merge.py", DUTY + "\n" * 300, "301 lines, at most 300"),
    ("tests/unit/test_merge.py", DUTY + "\n" * 500, "501 lines, at most 500"),
    ("server/migrations/versions/0001_start.py", DUTY + "\n" * 150, "at most 150"),
    ("sync/fold.py", LONG_FUNCTION, "f has 41 lines"),
    ("sync/fold.py", LONG_FUNCTION.replace("def", "async def"), "f has 41 lines"),
    ("server/store/visits.py", SEVEN, "f has 7 parameters"),
    ("server/store/visits.py", METHOD_OF_SIX.replace("self", "rep"), "f has 7 parameters"),
    ("server/store/visits.py", DUTY + "def f():\n    import json\n", "line 3: import inside a function"),
    ("tests/unit/test_a.py", DUTY + "def f():\n    from json import loads\n", "line 3: import inside a function"),
    ("server/jobs/remind.py", DUTY + "def f():\n    importlib.import_module('x')\n", "import by name"),
    ("sync/fold.py", DUTY + "import time\n", "pure code imports time"),
    ("geo/route.py", DUTY + "from random import shuffle\n", "pure code imports random.shuffle"),
    ("notifications/plan.py", DUTY + "import secrets\n", "pure code imports secrets"),
    ("notifications/plan.py", DUTY + "def f(): return dt.datetime.now(UTC)\n", "pure code calls dt.datetime.now"),
    ("server/domain/pools.py", DUTY + "def f(): return date.today()\n", "pure code calls date.today"),
    ("shared_schema/wire.py", DUTY + "from uuid import uuid4\n", "pure code imports uuid.uuid4"),
    ("shared_schema/wire.py", DUTY + "def f(): return uuid.uuid4()\n", "pure code calls uuid.uuid4"),
    ("sync/device.py", DUTY + "import os\n", "pure code imports os"),
    ("sync/device.py", DUTY + "def f(): return open('x')\n", "pure code calls open"),
    ("server/jobs/remind.py", DUTY + "def f(): return time.time()\n", "line 2: time.time beside the server's clock"),
    ("mobile_api/logs.py", DUTY + "def f(): return datetime.now(UTC)\n", "line 2: datetime.now beside the server's clock"),
    ("mobile_api/routes/visits.py", DUTY + "import sqlalchemy as sa\n", "only server/ imports sqlalchemy"),
    ("server/services/visit.py", DUTY + "from litestar import get\n", "only mobile_api/ imports litestar"),
    ("server/services/visit.py", DUTY + "import geopy.distance\n", "only geo/ imports geopy"),
    ("notifications/channels/log.py", DUTY + "import firebase_admin\n", "only notifications/channels/fcm imports"),
    ("server/utils.py", DUTY, "utils is no name for a module"),
    ("server/helpers/visit.py", DUTY, "helpers is no name"),
    ("mobile_api/common.py", DUTY, "common is no name"),
    ("server/store/cursor_manager.py", DUTY, "cursor_manager is no name"),
    ("server/store/cursor.py", DUTY + "class CursorManager: ...\n", "CursorManager is no name for a class"),
    ("geo/grid.py", "x = 1\n", "no module docstring"),
    ("geo/grid.py", DUTY + "def f(:\n", "invalid syntax"),
    ("scripts/deploy.sh", "", "scripts at the top level needs an ADR"),
    ("docs/operations.md", "cd /wor" + "k/main\n", "line 1: /wor" + "k/m"),
    ("docs/operations.md", "see /ho" + "me/ann/x\n", "line 1"),
    ("constraints.txt", "--index" + "-url https://example.org\n", "line 1"),
    ("mobile_api/web/client/src/rows.ts", "/** Rows. */\n" + "\n" * 300, "301 lines"),
    ("mobile_api/web/client/src/rows.ts", "/** Rows. */\n// " + "x" * 140, "line 2: 143 letters"),
    ("mobile_api/web/build.mjs", "export const one = 1;\n", "no comment"),
    ("README.md", "pip install from https://pyp" + "i.org/simple\n", "line 1"),
    ("docs/operations.md", "-----BEGIN RSA PRIVATE" + " KEY-----\n", "line 1"),
]
GOOD = [
    ("sync/merge.py", DUTY + "\n" * 299),
    ("sync/fold.py", LONG_FUNCTION.replace("    pass\n", "", 1)),
    ("server/store/visits.py", METHOD_OF_SIX),
    ("mobile_api/cli.py", DUTY + "def f(name):\n    return importlib.import_module(name)\n"),
    ("server/jobs/remind.py", DUTY + "import time\n\n\ndef f(): return time.monotonic()\n"),
    ("server/clock.py", DUTY + "import time\n\n\ndef f(): return time.time_ns()\n"),
    ("notifications/channels/fcm.py", DUTY + "import time\nimport firebase_admin\n"),
    ("server/domain/pools.py", DUTY + "from datetime import datetime\n\n\ndef f(now_ms): return datetime.fromtimestamp(now_ms / 1000)\n"),
    ("server/services/manager_view.py", DUTY),
    ("geo/__init__.py", ""),
    ("mobile_api/web/client/src/rows.ts", "/** Rows. */\n" + "\n" * 299),
    ("docs/operations.md", "/v1/work/orders, https://example.org/home/page, /opt/outrider/bin/outrider\n"),
]


def tracked() -> Iterator[Source]:
    """Every text file git knows or would add; in a copy without git, every file outside hidden and built folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    paths = listed.stdout.split("\0") if listed.returncode == 0 else list(walked())
    for path in filter(None, paths):
        file = ROOT / path
        if file.is_file() and b"\0" not in (content := file.read_bytes()):
            yield Source(path, content.decode())


def walked() -> Iterator[str]:
    """Paths from the root of what a plain copy of the tree holds, leaving out what tools make."""
    made = {".venv", ".git", "build", "dist", "node_modules", "generated", "__pycache__", "results.json"}
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        if file.is_file() and not made & set(parts) and not any(part.endswith(("_cache", ".egg-info", ".hypothesis")) for part in parts):
            yield "/".join(parts)


def test_every_file_keeps_the_house_rules() -> None:
    sources = list(tracked())
    assert {"pyproject.toml", "tests/meta/tidy.py"} <= {source.path for source in sources}
    found = [sentence for source in sources for sentence in broken(source)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(("path", "text", "sentence"), BAD)
def test_each_rule_can_fail(path: str, text: str, sentence: str) -> None:
    found = broken(Source(path, text))
    assert len(found) == 1
    assert sentence in found[0]


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_no_rule_cries_wolf(path: str, text: str) -> None:
    assert broken(Source(path, text)) == []


def test_every_rule_is_seen_failing() -> None:
    for rule in (*tidy.PYTHON_RULES, *tidy.SCRIPT_RULES, *tidy.TEXT_RULES):
        readable = [Source(path, text) for path, text, _ in BAD if path.endswith(".py") or rule not in tidy.PYTHON_RULES]
        assert any(list(rule(source)) for source in readable if "invalid" not in source.text and "def f(:" not in source.text), rule
