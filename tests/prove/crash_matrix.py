"""One point of the crash matrix: a forked server dies there; the database is opened again, judged, asked again, judged again."""

import asyncio
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shared_schema.wire import OUTCOME_DECODER
from tests.prove.crash_child import Task, play
from tests.prove.crash_judge import Photo, compare, photograph
from tests.prove.crash_operations import Operation
from tests.prove.crash_places import Places
from tests.prove.crash_scene import Scene

FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.prove.crash_child"])
"""A server with one thread that has imported everything: each point is a fork of it."""


COMMITS_OF_A_SHARE: Final = 8


class HarnessError(Exception):
    """The matrix itself is wrong: an undisturbed run did not do what it should."""


class Told(Struct):
    """What a forked process told before it ended."""

    commits: int = 0
    photos: list[Photo] = []
    answers: list[Any] = []
    refused: str = ""
    failed: str = ""
    struck: str = ""
    labels: Sequence[str] = ()
    exit_code: int | None = None


class Reference(Struct):
    """The undisturbed run: its points, the database before and after each commit, the answer, and the end."""

    labels: Sequence[str]
    photos: list[Photo]
    answer: Any
    final: Photo


class Verdict(Struct):
    """What one point showed."""

    label: str
    torn: list[str] = []
    duplicated: list[str] = []
    lost: list[str] = []
    answer: str = ""
    """What the one whose backend died was told."""

    def found(self) -> Iterator[str]:
        yield from (name for name in ("torn", "duplicated", "lost") if getattr(self, name))


class Bench(Struct):
    """An operation on one kind of database."""

    places: Places
    scene: Scene
    operation: Operation

    def refer(self) -> Reference:
        """Run undisturbed. Raises HarnessError."""
        url = self.places.copy()
        before = look(url)
        told = self._perform(url, "", 0, 1, photos=True)
        after = look(url)
        self.places.remove(url)
        self._sound(told, [before, *told.photos], after)
        url = self.places.copy()
        settled = self._perform(url, "", 0, 1, settled=True)
        final = look(url)
        self.places.remove(url)
        if settled.failed or settled.refused or final.broken:
            raise HarnessError(f"{self.operation.name}: {settled.failed or settled.refused or final.broken}")
        return Reference(told.labels, [before, *told.photos], told.answers[-1], final)

    def _sound(self, told: Told, photos: list[Photo], after: Photo) -> None:
        name = self.operation.name
        if not told.answers:
            raise HarnessError(f"{name}: no answer, {told.refused or told.failed}")
        if photos[0].broken or after.broken:
            raise HarnessError(f"{name}: without any crash, {photos[0].broken or after.broken}")
        if photos[-1].rows != after.rows or not told.commits:
            raise HarnessError(f"{name}: the photographs of its {told.commits} commits do not end with what is there")
        met = {OUTCOME_DECODER.decode(raw).result for raw in told.answers[-1][0]} if self.operation.results else frozenset()
        if self.operation.results - met:
            raise HarnessError(f"{name}: meets no {', '.join(one.name for one in self.operation.results - met)}")

    def strike(self, reference: Reference, how: str, at: int) -> Verdict:
        """Die at point `at`, open, judge, ask again, judge."""
        url = self.places.copy()
        try:
            told = self._perform(url, how, at, 1)
            label = reference.labels[at - 1]
            if told.struck != label or (how == "process" and told.exit_code != -signal.SIGKILL):
                raise HarnessError(f"{self.operation.name}: point {at} is {told.struck!r}, was {label!r}; {told.failed}")
            self.places.wait()
            verdict = Verdict(label, answer=told.failed or told.refused or ("answered" if told.answers else ""))
            self._judge_crash(verdict, reference, told, look(url))
            self._judge_again(verdict, reference, told, url)
        finally:
            self.places.remove(url)
        return verdict

    def _judge_crash(self, verdict: Verdict, reference: Reference, told: Told, found: Photo) -> None:
        """Everything of the commits that returned is there, and nothing else; what was answered was committed."""
        verdict.torn += found.broken
        if found.rows != reference.photos[told.commits].rows:
            extra, missing = compare(reference.photos[told.commits], found)
            known = [at for at, photo in enumerate(reference.photos) if photo.rows == found.rows]
            older = known and known[0] < told.commits
            (verdict.lost if older else verdict.torn).append(f"after {told.commits} commits: {(extra + missing)[:3]}")
        if told.answers and found.rows != reference.photos[-1].rows:
            verdict.lost.append("it was answered, and the database does not hold all of it")

    def _judge_again(self, verdict: Verdict, reference: Reference, told: Told, url: str) -> None:
        """Asked again, it ends where the undisturbed run ends, with the answer that the undisturbed one got."""
        again = self._perform(url, "", 0, 2, settled=True)
        if again.failed or (again.refused and not self._may_refuse(again.refused, told, reference)):
            verdict.lost.append(f"asked again: {again.failed[-400:] or again.refused}")
        elif again.answers and self.operation.same and again.answers[-1] != reference.answer:
            verdict.lost.append(f"asked again, it is answered otherwise: {_difference(reference.answer, again.answers[-1])}")
        found = look(url)
        verdict.torn += found.broken
        extra, missing = compare(reference.final, found, self.operation.ignored)
        verdict.duplicated += extra
        verdict.lost += missing

    def _may_refuse(self, word: str, told: Told, reference: Reference) -> bool:
        done = told.commits == len(reference.photos) - 1
        return done and word in {code.word for code in self.operation.again}

    def _perform(self, url: str, how: str, at: int, attempt: int, *, photos: bool = False, settled: bool = False) -> Told:
        heard = Path(self.scene.texts["heard"]).parent / f"heard {(sa.make_url(url).database or '').rpartition('/')[2]}"
        heard.touch()
        scene = msgspec.structs.replace(self.scene, texts={**self.scene.texts, "heard": str(heard)})
        return perform(Task(url, self.operation.name, scene, how, at, attempt, photos, settled, self.places.admin))


def look(url: str) -> Photo:
    """Open the database again."""
    return asyncio.run(photograph(url))


def perform(task: Task) -> Told:
    """Fork a server for one task and hear it to its end."""
    ear, mouth = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=play, args=(task, mouth))
    process.start()
    mouth.close()
    told = Told()
    for name, value in _heard(ear):
        if name == "committed":
            told.commits += 1
            told.photos += [value] if value is not None else []
        elif name == "answered":
            told.answers.append(value)
        else:
            setattr(told, name, value)
    process.join()
    told.exit_code = process.exitcode
    return told


def _heard(ear: Any) -> Iterator[tuple[str, Any]]:
    with ear:
        while True:
            try:
                yield ear.recv()
            except EOFError:
                return


def _difference(wanted: Any, found: Any) -> str:
    """Outcomes in words, as far as they are outcomes."""
    if isinstance(wanted, tuple) and isinstance(found, tuple) and isinstance(wanted[0], list):
        pairs = zip(wanted[0], found[0], strict=False)
        return str([(OUTCOME_DECODER.decode(a), OUTCOME_DECODER.decode(b)) for a, b in pairs if a != b][:2]) + f" {wanted[1]} {found[1]}"
    return f"{wanted!r} {found!r}"[:300]


def points_of(reference: Reference, share: int, first: int = 0) -> list[int]:
    """Numbers of the points to try: all of them, or every so manyth statement, a few commits and the answer."""
    statements: list[int] = []
    commits: list[int] = []
    others: list[int] = []
    for at, label in enumerate(reference.labels, 1):
        (commits if "COMMIT" in label else others if "answer" in label else statements).append(at)
    step = len(commits) // COMMITS_OF_A_SHARE | 1 if share > 1 else 1  # odd: before and after take turns
    return sorted({*statements[first % share :: share], *commits[::step], *others})
