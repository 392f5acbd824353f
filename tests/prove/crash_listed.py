"""What the crash matrix is given to run: an operation, and how a phone's request is carried out."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from msgspec import Struct

from server.database import Database
from server.services import sync_pull, sync_push
from shared_schema.problem import Code, Problem
from shared_schema.wire import REQUEST_DECODER, Result
from tests.prove.crash_stage import Scene

Run = Callable[[Database, Scene], Awaitable[Any]]
Column = tuple[str, str]
"""(table, column)."""
KEY: Final = b"k" * 32


class Operation(Struct, frozen=True):
    """One request or one turn of a job; a Problem is an answer.

    `settle`: what the one who asked does with the answer. `same`: asked again, it gets the same answer, byte for byte.
    `again`: what else it may hear when it asks again after it had been done. `later_ms`: how much later it asks again.
    `on_day`: so many days after the preparation. `ignored`: columns that may tell that something was asked twice.
    `results`: what a push must have met to prove anything. `touches`: tables in which something must change to prove anything.
    `apart`: its transactions do not wait for each other; where one fails and the process lives, the others are done.
    `prepared`: on a copy of the prepared database, else on an empty one. `outside`: what is wrong with the files that were left.
    """

    name: str
    run: Run
    settle: Callable[[Database, Scene, Any], Awaitable[object]] | None = None
    same: bool = False
    again: frozenset[Code] = frozenset()
    later_ms: int = 0
    ignored: frozenset[Column] = frozenset()
    results: frozenset[Result] = frozenset()
    databases: tuple[str, ...] = ("sqlite", "postgres")
    on_day: int = 0
    apart: bool = False
    prepared: bool = True
    outside: Callable[[Scene], Iterable[str]] | None = None
    touches: tuple[str, ...] = ()


async def exchange(database: Database, scene: Scene, who: str, request: str) -> tuple[list[bytes], int]:
    """Push, commit, pull: one round trip of a phone."""
    asked = REQUEST_DECODER.decode(scene.requests[request])
    answer = await push(database, scene, who, request)
    wanted = sync_pull.Asked(asked.cursor, asked.page_bytes, tiles=asked.tiles)
    await database.read(sync_pull.pull, scene.claims[who], wanted, KEY, scene.now_ms)
    return answer


async def push(database: Database, scene: Scene, who: str, request: str) -> tuple[list[bytes], int]:
    """The push half alone."""
    pushed = await database.write(sync_push.push, scene.claims[who], REQUEST_DECODER.decode(scene.requests[request]), KEY, scene.now_ms)
    return pushed.outcomes, pushed.last_n


def sending(name: str) -> Run:
    """The request of this name, by the phone of this name."""

    async def send(database: Database, scene: Scene) -> object:
        return await exchange(database, scene, name, name)

    return send


def refused(answer: Any) -> Any:
    """A refusal that had to be committed is raised after the commit, as the routes do."""
    if isinstance(answer, Problem):
        raise answer
    return answer


class LostError(Exception):
    """Something acknowledged is not there."""
