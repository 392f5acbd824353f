"""The client's pure rules give what Python's give: Node's test runner plays the exported vectors, and misses none."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.vectors.plants import PLANTS, Plant
from tests.vectors.registry import ROOMS, counted, write

CLIENT: Final = Path(__file__).parents[2] / "mobile_api" / "web" / "client"
SUITES: Final = sorted((CLIENT / "tests").glob("vectors*.test.ts"))
CASES_MIN: Final = 1_000
RED: Final = re.compile(r"location: '\S*?/planted/(\w+)/")
PLAYED: Final = re.compile(r"^played (\d+) of (\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("vectors")
    assert write(made) >= CASES_MIN
    return made


def node(folder: Path, *suites: Path) -> subprocess.CompletedProcess[str]:
    """Node's test runner over these suites, as quick as two cores are."""
    program = os.environ.get("OUTRIDER_NODE") or str(Path(sys.prefix) / "bin" / "node")
    command = [program, "--test", "--test-reporter=tap", *map(str, suites)]
    told = {**os.environ, "OUTRIDER_VECTORS": str(folder), "NODE_NO_WARNINGS": "1"}
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False, timeout=300)


def played(told: str) -> Mapping[str, int]:
    """Rule → how many of its cases were played, by the words of the suites."""
    return {rule: int(count) for count, rule in PLAYED.findall(re.sub(r"^# ", "", told, flags=re.MULTILINE))}


def test_every_case_is_played_and_agrees(folder: Path) -> None:
    assert len(SUITES) >= 4
    told = node(folder, *SUITES)
    assert told.returncode == 0, told.stdout[-4_000:] + told.stderr[-2_000:]
    assert played(told.stdout) == counted()


def test_a_rule_without_cases_fails_its_suite(folder: Path, tmp_path: Path) -> None:
    """No room is passed over: with the first rule of each emptied, each has a red test that names it."""
    emptied: list[str] = []
    for room in ROOMS:
        rules = json.loads((folder / f"{room}.json").read_text("utf-8"))
        emptied.append(f"{room}.json holds no case of {min(rules)}")
        (tmp_path / f"{room}.json").write_text(json.dumps({**rules, min(rules): []}), "utf-8")
    told = node(tmp_path, *SUITES)
    assert told.returncode == 1
    assert [sentence for sentence in emptied if sentence not in told.stdout] == []
    assert told.stdout.count("\nnot ok") == len(ROOMS)


def test_without_a_file_the_suite_fails(tmp_path: Path) -> None:
    told = node(tmp_path, CLIENT / "tests" / "vectors_geo.test.ts")
    assert told.returncode == 1
    assert "geo_measure.json" in told.stdout


def planted(home: Path, plant: Plant) -> Path:
    """A copy of the client with one planted bug; its suite."""
    copy = home / "planted" / plant.name
    shutil.copytree(CLIENT, copy)
    file = copy / "src" / plant.file
    text = file.read_text("utf-8")
    assert text.count(plant.before) == 1, f"{plant.name}: {plant.before!r} does not stand once in {plant.file}: the plant must follow"
    file.write_text(text.replace(plant.before, plant.after), "utf-8")
    return copy / "tests" / plant.suite


def test_each_planted_bug_is_noticed(folder: Path, tmp_path: Path) -> None:
    """Each turns a test of its own suite red; one that is not noticed is a hole in the vectors."""
    (tmp_path / "package.json").write_text('{"type": "module"}')
    told = node(folder, *(planted(tmp_path, plant) for plant in PLANTS))
    red = set(RED.findall(told.stdout))
    assert [f"{plant.name}: {plant.why}" for plant in PLANTS if plant.name not in red] == []
