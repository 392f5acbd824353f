"""T9, `python -m tests.prove apps`: what reps, managers and admins do in both apps, in a real Chromium, with a fresh server for each flow.

Each flow of `tests/browser/flow_*.py` is played on SQLite and on PostgreSQL, behind a network that fails when the flow says so. Held
against each: what it names, an empty console, no request to a foreign host. Before them 5,000 customers are measured at 4x throttling.
`BOX_S=…`: so many seconds; what the product promises comes first, then as many others as fit, drawn by `SEED=…`, each on one database.
`ONLY=words`: the flows whose names hold the words; `DATABASES=sqlite` leaves PostgreSQL out.
"""

import json
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from mobile_api.routes.apps import FOLDER as BUILT
from tests.browser import measure
from tests.browser.turns import unplayed
from tests.browser.web import FOLDER as WEB
from tests.browser.witness import ONE
from tests.prove.box import Box, boxed

FLOWS: Final = Path(__file__).parents[1] / "browser"
WALK: Final = "flow_screens"
"""Opens every screen and does nothing there: it reaches none in the sense of this proof."""
REGISTERED: Final = re.compile(r"\bscreens: \{([^}]*)\}")
SCREEN: Final = re.compile(r"(\w+): (\w+)")
OF_ONE: Final = r"function {}\(\{{ rest: \[(?:id|named)\b"
PARTED: Final = re.compile(r"<Parts [^>]*place=\"(\w+)\"")
PART: Final = re.compile(r"\{ to: \"(\w+)\", word: \w+\(\"\w+\"\), View")
KIBIBYTES_MAX: Final[Mapping[str, int]] = {"app": 120, "desk": 138}
"""What a phone loads to show a language: scripts, style, icons, worker, and the longer of the two files of texts."""
BOTH_KIBIBYTES_MAX: Final[Mapping[str, int]] = {"app": 132, "desk": 154}
"""With the other file, which the worker fetches behind it."""
LANGUAGES: Final = ("zh", "en")
LIST_MS_MAX: Final = 2_000
KEYSTROKE_MS_MAX: Final = 250
PROCESSES: Final = 2
ARGUMENTS: Final = (
    *("-p", "tests.browser.turns", "-o", "python_files=flow_*.py", "-o", "python_functions=flow_*"),
    *(
        "-p",
        "no:cacheprovider",
        "-q",
        "--no-header",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "--dist",
        "load",
        "--maxschedchunk",
        "1",
    ),
)


class _Played:
    """What became of each flow, told by the workers when it was over."""

    def __init__(self) -> None:
        self.flows: set[str] = set()
        self.failed: set[str] = set()
        self.screens: set[str] = set()
        self.foreign: list[str] = []
        self.console: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.flows.add(report.nodeid)
        if report.failed:
            self.failed.add(report.nodeid)
        if report.when != "teardown":
            return
        seen = dict(report.user_properties)
        if WALK not in report.nodeid:
            self.screens |= {str(one) for one in _list(seen.get("screens"))}
        self.foreign += [str(one) for one in _list(seen.get("foreign"))]
        self.console += [str(one) for one in _list(seen.get("console"))]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    box = boxed(options)
    sys.stdout.write("measuring 5,000 customers at 4x throttling …\n")
    sys.stdout.flush()
    speed = measure.medians(runs=1 if box.seconds is not None else measure.RUNS) if "ONLY" not in options else {}
    played = _Played()
    pytest.main([*ARGUMENTS, *_chosen(options, box), str(FLOWS)], plugins=[played])
    without = sorted(registered() - played.screens)
    faults = [*(f"never happened: {one}" for one in unplayed(played.flows)), *_too_much(speed)] if "ONLY" not in options else []
    whole = box.seconds is None and "ONLY" not in options
    faults += [f"never happened: a flow opens {one}" for one in without] if whole else []
    sys.stdout.writelines(f"{line}\n" for line in [*faults, *played.foreign, *played.console])
    result = {
        "flows": len(played.flows),
        "failed": len(played.failed),
        "foreign_requests": len(played.foreign),
        "console_errors": len(played.console),
        "app_kb": kibibytes("app"),
        "desk_kb": kibibytes("desk"),
        "app_both_languages_kb": kibibytes("app", both=True),
        "desk_both_languages_kb": kibibytes("desk", both=True),
        "list_5000_ms": speed.get("restart_ms"),
        "keystroke_5000_ms": speed.get("keystroke_ms"),
        "screens": len(registered()),
        "screens_without_flow": len(without),
        "seconds": round(box.used_s()),
    }
    sys.stdout.write(json.dumps(result) + "\n")
    return 1 if played.failed or played.foreign or played.console or faults or not played.flows else 0


def _chosen(options: Mapping[str, str], box: Box) -> list[str]:
    """What pytest is told beside the usual."""
    told = ["--databases", options.get("DATABASES", "both"), "--numprocesses", str(PROCESSES)]
    if "ONLY" in options:
        told += ["-k", options["ONLY"]]
    if (left_s := box.left_s()) is not None:
        told += ["--flow-seed", options.get("SEED", "1"), "--flow-until-s", str(time.monotonic() + left_s)]
    return told


def _too_much(speed: Mapping[str, float]) -> list[str]:
    """Bounds that do not hold: sizes, and times at 4x throttling."""
    found = [
        f"too big: {app} has {size} KB in {'both languages' if both else 'one language'}, {most} KB are allowed"
        for both, bounds in ((False, KIBIBYTES_MAX), (True, BOTH_KIBIBYTES_MAX))
        for app, most in bounds.items()
        if (size := kibibytes(app, both=both)) > most
    ]
    for name, most in {"restart_ms": LIST_MS_MAX, "keystroke_ms": KEYSTROKE_MS_MAX}.items():
        if speed[name] > most:
            found.append(f"too slow: {name} is {speed[name]}, {most} is allowed")
    return found


def kibibytes(app: str, *, both: bool = False) -> int:
    """All that a browser loads of an app, compressed, in KB of 1,024 bytes: pictures as they are, each text by brotli."""
    sizes = {one.name: one.stat().st_size for one in (BUILT / app).iterdir() if one.suffix in (".br", ".png")}
    texts = {language: sum(size for name, size in sizes.items() if name.startswith(f"{language}-")) for language in LANGUAGES}
    return round((sum(sizes.values()) - (0 if both else min(texts.values()))) / 1024)


def registered() -> set[str]:
    """Every screen that a feature registers: app/first part of its address, with its parts, and with `one` where it shows one record.

    What stands in the shell is in both apps.
    """
    found = set()
    for app in KIBIBYTES_MAX:
        for folder in (app, "shell"):
            texts = {file: file.read_text("utf-8") for file in sorted((WEB / folder).rglob("*.ts*"))}
            for file, text in texts.items():
                for name, view in SCREEN.findall(", ".join(REGISTERED.findall(text))):
                    beside = "".join(other for one, other in texts.items() if one.parent == file.parent)
                    found |= {f"{app}/{name}", *(f"{app}/{name}/{ONE}" for _ in re.findall(OF_ONE.format(view), beside))}
                for place in PARTED.findall(text):
                    found |= {f"{app}/{place}/{part}" for part in PART.findall(text)}
    return found
