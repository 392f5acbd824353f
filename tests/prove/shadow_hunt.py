"""What shows each planted bug of the TypeScript core: the history of a seed, or a test of the Python device that runs beside."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tests import memory
from tests.prove.shadow_node import CLIENT, ROOT, node
from tests.prove.shadow_plants import BY_NAME, OF_VECTORS
from tests.prove.spread import PROCESSES, spread
from tests.vectors.registry import write

FILE: Final = Path(__file__).with_name("shadow_courses.json")
FIRST_SEEDS: Final = range(10)
MORE_SEEDS: Final = range(10, 70)
TESTS: Final = ("tests/unit/test_device.py", "tests/unit/sync", "tests/property/test_take_back.py", "tests/property/test_set_laws.py")
"""Tests of the Python device that run beside the TypeScript one."""
Hunt = Callable[[Path, Sequence[int]], int | None]
"""The first of these seeds that shows a difference in the client of this folder."""


class Course(Struct, frozen=True, omit_defaults=True):
    """What shows a planted bug: the history of a seed; or a test of the Python device, run beside; or a file of vectors."""

    seed: int | None = None
    test: str = ""
    vectors: str = ""


@contextmanager
def client(name: str) -> Iterator[Path]:
    """The folder of the client, or of a copy with this planted bug."""
    if not name:
        yield CLIENT
        return
    plant = BY_NAME[name]
    with tempfile.TemporaryDirectory(prefix="outrider_shadow_") as home:
        copy = Path(home) / "client"
        shutil.copytree(CLIENT, copy)
        (copy.parent / "package.json").write_text('{"type": "module"}')
        file = copy / "src" / plant.file
        text = file.read_text("utf-8")
        if text.count(plant.before) != 1:
            raise ValueError(f"{name}: {plant.before!r} stands {text.count(plant.before)} times in {plant.file}: the plant must follow")
        file.write_text(text.replace(plant.before, plant.after), "utf-8")
        yield copy


@contextmanager
def vectors() -> Iterator[None]:
    """Write the vectors, for this process and those that it starts."""
    with tempfile.TemporaryDirectory(prefix="outrider_vectors_") as folder:
        write(Path(folder))
        os.environ["OUTRIDER_VECTORS"] = folder
        try:
            yield
        finally:
            del os.environ["OUTRIDER_VECTORS"]


def recorded() -> dict[str, Course]:
    """Planted bug → what shows it."""
    found = msgspec.json.decode(FILE.read_bytes(), type=dict[str, Course])
    return {**found, **{name: Course(vectors=suite) for name, suite in OF_VECTORS.items()}}


def shown(name: str, hunt: Hunt) -> bool:
    """Whether its course shows a planted bug."""
    course = recorded().get(name, Course())
    with client(name) as folder:
        if course.seed is not None:
            return hunt(folder, [course.seed]) is not None
        if course.test:
            return bool(_red(folder, [course.test]))
        return bool(course.vectors) and not _vectors_hold(folder, course.vectors)


def record(hunt: Hunt) -> int:
    """Look for what shows each planted bug and write it down; the exit code."""
    names = [name for name in BY_NAME if name not in OF_VECTORS]
    with vectors():
        courses = list(spread(partial(_looked_for, hunt=hunt), names, PROCESSES, (memory.settle, ())))
    found = {name: course for name, course in zip(names, courses, strict=True) if course is not None}
    lines = [f"{json.dumps(name)}: {msgspec.json.encode(found[name]).decode()}" for name in sorted(found)]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    lost = [name for name in names if name not in found]
    sys.stdout.write(f"{json.dumps({'plants': len(names), 'plants_noticed': len(found)})}\n")
    sys.stdout.writelines(f"nothing shows {name}\n" for name in lost)
    return int(bool(lost))


def _looked_for(name: str, hunt: Hunt) -> Course | None:
    with client(name) as folder:
        seed = hunt(folder, FIRST_SEEDS)
        if seed is not None:
            return Course(seed)
        test = _red(folder, TESTS)
        if test:
            return Course(test=test)
        suite = next(
            (file.name for file in sorted((folder / "tests").glob("vectors*.test.ts")) if not _vectors_hold(folder, file.name)), ""
        )
        if suite:
            return Course(vectors=suite)
        seed = hunt(folder, MORE_SEEDS)
    return None if seed is None else Course(seed)


def _red(folder: Path, tests: Sequence[str]) -> str:
    """The first of these tests that is red beside this client, empty if none is."""
    quiet = (
        "-x",
        "-q",
        "--no-header",
        "--tb=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:schemathesis",
        "--hypothesis-seed=0",
    )
    command = [sys.executable, "-m", "pytest", *quiet, "--databases", "sqlite", "-p", "tests.prove.shadow_beside", "-rfE", *tests]
    inside = {**os.environ, "OUTRIDER_CLIENT": str(folder), "PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, cwd=ROOT, env=inside, capture_output=True, text=True, check=False)
    failed = [line.split()[1] for line in said.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return (failed or [""])[0]


def _vectors_hold(folder: Path, suite: str) -> bool:
    command = [node(), "--test", str(folder / "tests" / suite)]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
