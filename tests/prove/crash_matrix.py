"""One point of the crash matrix: a forked server dies there; the database is opened again, judged, asked again, judged again."""

import asyncio
import hashlib
import multiprocessing
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shared_schema.wire import OUTCOME_DECODER
from tests.prove.crash_child import Task, play
from tests.prove.crash_judge import Photo, compare, compare_counts, photograph
from tests.prove.crash_listed import Operation
from tests.prove.crash_places import Places
from tests.prove.crash_print import fingerprint
from tests.prove.crash_stage import Scene

FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.prove.crash_child", "tests.prove.crash_warm"])
"""A server with one thread that has imported everything: each point is a fork of it."""


COMMITS_OF_A_SHARE: Final = 8
ONE_AT_A_TIME: Final = threading.Lock()
"""Whoever starts a process looks at the ends of all others too: of two threads that read one exit code, one reads a wrong one."""


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
    before: bytes
    """The fingerprint of the database before the first statement."""


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
    """An operation on one kind of database.

    `seen`: photographs by fingerprint. `asked`: what came of asking again, by the way to die and the state that was left.
    `spare`: a copy which a death left as it was before, to die on once more.
    """

    places: Places
    scene: Scene
    operation: Operation
    seen: dict[bytes, Photo] = {}
    asked: dict[tuple[str, int, bytes, bytes], Verdict] = {}
    spare: str = ""

    def refer(self) -> Reference:
        """Run undisturbed. Raises HarnessError."""
        url = self._fresh()
        before, first = self._look(url)
        told = self._perform(url, "", 0, 1, photos=True)
        _, after = self._look(url)
        self._remove(url)
        self._sound(told, [first, *told.photos], after)
        url = self._fresh()
        settled = self._perform(url, "", 0, 1, settled=True)
        _, final = self._look(url)
        wrong = [*final.broken, *self._outside(url)]
        self._remove(url)
        if settled.failed or settled.refused or wrong:
            raise HarnessError(f"{self.operation.name}: {settled.failed or settled.refused or wrong}")
        return Reference(told.labels, [first, *told.photos], told.answers[-1], final, before)

    def _sound(self, told: Told, photos: list[Photo], after: Photo) -> None:
        name = self.operation.name
        if not told.answers:
            raise HarnessError(f"{name}: no answer, {told.refused or told.failed}")
        if photos[0].broken or after.broken:
            raise HarnessError(f"{name}: without any crash, {photos[0].broken or after.broken}")
        if photos[-1].rows != after.rows or not told.commits:
            raise HarnessError(f"{name}: the photographs of its {told.commits} commits do not end with what is there")
        idle = [table for table in self.operation.touches if photos[0].rows[table] == after.rows[table]]
        if idle:
            raise HarnessError(f"{name}: changes nothing in {', '.join(idle)}")
        met = {OUTCOME_DECODER.decode(raw).result for raw in told.answers[-1][0]} if self.operation.results else frozenset()
        if self.operation.results - met:
            raise HarnessError(f"{name}: meets no {', '.join(one.name for one in self.operation.results - met)}")

    def strike(self, reference: Reference, how: str, at: int) -> Verdict:
        """Die at point `at`, open, judge, ask again, judge."""
        url = self._begun()
        try:
            told = self._perform(url, how, at, 1)
            label = reference.labels[at - 1]
            if told.struck != label or (how == "process" and told.exit_code != -signal.SIGKILL):
                raise HarnessError(f"{self.operation.name}: point {at} is {told.struck!r}, was {label!r}; {told.failed}")
            if how == "recovery":
                self.places.wait()
            verdict = Verdict(label, answer=told.failed or told.refused or ("answered" if told.answers else ""))
            left, found = self._look(url)
            self._judge_crash(verdict, reference, told, found)
            verdict.torn += self._outside(url)
            if self._asked_anew(verdict, reference, (how, told), left, url) and left == reference.before:
                self.spare = url
        finally:
            if url != self.spare:
                self._remove(url)
        return verdict

    def _asked_anew(self, verdict: Verdict, reference: Reference, death: tuple[str, Told], left: bytes, url: str) -> bool:
        """Ask again, and judge. From one state, after one kind of death, once and at every commit; whether it was judged before."""
        how, told = death
        state = (how, told.commits, left, self._outside_print(url))
        known = "COMMIT" not in verdict.label and "answer" not in verdict.label and state in self.asked
        if not known:
            self.asked[state] = again = Verdict(verdict.label)
            self._judge_again(again, reference, told, url)
        for name in ("torn", "duplicated", "lost"):
            setattr(verdict, name, getattr(verdict, name) + getattr(self.asked[state], name))
        return known

    def close(self) -> None:
        """Drop the copy that is left."""
        if self.spare:
            self._remove(self.spare)
        self.spare = ""

    def _judge_crash(self, verdict: Verdict, reference: Reference, told: Told, found: Photo) -> None:
        """Everything of the commits that returned is there, and nothing else; what was answered was committed."""
        verdict.torn += found.broken
        if self.operation.apart and told.exit_code == 0:
            return
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
        _, found = self._look(url)
        verdict.torn += [*found.broken, *self._outside(url)]
        if self.operation.apart and told.exit_code == 0:  # what failed was done after the others: other revs, the same number of rows
            extra, missing = compare_counts(reference.final, found)
        else:
            extra, missing = compare(reference.final, found, self.operation.ignored)
        verdict.duplicated += extra
        verdict.lost += missing

    def _may_refuse(self, word: str, told: Told, reference: Reference) -> bool:
        done = told.commits == len(reference.photos) - 1
        return done and word in {code.word for code in self.operation.again}

    def _begun(self) -> str:
        """A database as it is before the operation; on a spare one the folder is emptied."""
        url, self.spare = self.spare, ""
        if url:
            shutil.rmtree(self._folder(url))
        return url or self._fresh()

    def _fresh(self) -> str:
        return self.places.copy() if self.operation.prepared else self.places.empty()

    def _remove(self, url: str) -> None:
        shutil.rmtree(self._folder(url), ignore_errors=True)
        self.places.remove(url)

    def _folder(self, url: str) -> Path:
        """Where an operation on this copy puts what is in no database."""
        return Path(self.scene.texts["home"]) / f"beside {(sa.make_url(url).database or '').rpartition('/')[2]}"

    def _told(self, url: str) -> Scene:
        return msgspec.structs.replace(self.scene, texts={**self.scene.texts, "url": url, "beside": str(self._folder(url))})

    def _outside(self, url: str) -> list[str]:
        """What is wrong with the files that were left."""
        return list(self.operation.outside(self._told(url))) if self.operation.outside is not None else []

    def _outside_print(self, url: str) -> bytes:
        files = sorted(self._folder(url).iterdir())
        return hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).digest()

    def _look(self, url: str) -> tuple[bytes, Photo]:
        """Open the database again: its fingerprint, and a photograph of the state that has it."""
        print_ = fingerprint(url)
        if print_ not in self.seen:
            self.seen[print_] = asyncio.run(photograph(url))
        return print_, self.seen[print_]

    def _perform(self, url: str, how: str, at: int, attempt: int, *, photos: bool = False, settled: bool = False) -> Told:
        self._folder(url).mkdir(exist_ok=True)
        return perform(Task(url, self.operation.name, self._told(url), how, at, attempt, photos, settled, self.places.admin))


def perform(task: Task) -> Told:
    """Fork a server for one task and hear it to its end."""
    ear, mouth = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=play, args=(task, mouth))
    with ONE_AT_A_TIME:
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
    with ONE_AT_A_TIME:
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
