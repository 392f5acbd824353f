"""schemathesis on the OpenAPI document, against a real server on loopback: no documented request gives a 5xx."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from msgspec import Struct

from tests.integration.site import site
from tests.prove.fuzz_bodies import REST_BODIES

EXAMPLES: Final = 20
EXAMPLES_BOXED: Final = 5
TIME_S: Final = 600
LEFT_OUT: Final = r"/revoke$|/v1/device/fork$|/v1/wake$"
"""What would throw the tester itself out, and what answers with an endless stream; the wake route has tests of its own."""
OPERATIONS_MIN: Final = len(REST_BODIES)


class Checked(Struct, frozen=True):
    """What schemathesis says."""

    operations: int
    cases: int
    failures: list[str]


def run(url: str, seed: int, folder: Path, examples: int = EXAMPLES) -> Checked:
    """Let schemathesis try the routes of an application on a migrated, empty database as its admin."""
    with site(url) as served:
        token = served.admin().session["access_token"]
        base = str(served.http.base_url).rstrip("/")
        report = folder / "schemathesis.xml"
        done = subprocess.run(
            _command(base, token, (seed, examples), report),
            capture_output=True,
            text=True,
            timeout=TIME_S,
            cwd=folder,
            env=_quiet(),
            check=False,
        )
    if not report.exists():
        return Checked(0, 0, [f"schemathesis did not run: {done.stdout[-300:]} {done.stderr[-300:]}"])
    return _read(report, done)


def _command(base: str, token: str, how: tuple[int, int], report: Path) -> list[str]:
    seed, examples = how
    # each field of each operation by turns makes thousands of requests, more with every route: for the whole proof, not for a box
    phases = "examples,coverage,fuzzing" if examples > EXAMPLES_BOXED else "examples,fuzzing"
    program = str(Path(sys.executable).with_name("schemathesis"))
    return [
        program, "run", f"{base}/schema/openapi.json", "--url", base, "--header", f"Authorization: Bearer {token}",
        "--checks", "not_a_server_error", "--exclude-path-regex", LEFT_OUT, "--max-examples", str(examples), "--seed", str(seed),
        "--phases", phases, "--mode", "all", "--request-timeout", "20", "--continue-on-failure",
        "--generation-database", "none", "--report", "junit", "--report-junit-path", str(report), "--no-color",
    ]  # fmt: skip


def _quiet() -> dict[str, str]:
    """The environment without proxies: everything stays on this machine."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | {"NO_PROXY": "*"}


def _read(report: Path, done: Any) -> Checked:
    cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - a report this process has just asked for
    failures = [
        f"{case.get('name')}: {' '.join((bad.text or bad.get('message') or '').split())[:400]}"
        for case in cases
        for bad in (*case.iter("failure"), *case.iter("error"))
    ]
    if done.returncode and not failures:
        failures = [f"schemathesis ended with {done.returncode}: {done.stdout[-400:]}"]
    generated = re.search(r"(\d+) generated", done.stdout)
    return Checked(len(cases), int(generated[1]) if generated else 0, failures)
