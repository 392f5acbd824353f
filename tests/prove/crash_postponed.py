"""How a fault is planted: parts of an operation are left for a second transaction; and what the matrix must say of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from server.database import Database
from server.store import write
from sync.state import Key, State
from tests.prove.crash_listed import Operation

Later = list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]


@contextmanager
def postponed(module: Any, *names: str, answer: Any = None) -> Iterator[Later]:
    """Calls of these functions are kept for a second transaction; they are answered with `answer`."""
    kept: Later = []
    honest = {name: getattr(module, name) for name in names}

    def keep(name: str) -> Callable[..., Any]:
        def kept_back(_: Any, *args: Any, **kw: Any) -> Any:
            kept.append((honest[name], args, kw))
            return answer

        return kept_back

    for name in names:
        setattr(module, name, keep(name))
    try:
        yield kept
    finally:
        for name, function in honest.items():
            setattr(module, name, function)


async def make_up(database: Database, kept: Later) -> None:
    """The second transaction."""
    for function, args, kw in kept:
        await database.write(function, *args, **kw)


@contextmanager
def left_out(chosen: Callable[[Key, State], bool]) -> Iterator[Later]:
    """Records of this choice are kept for a second transaction; everything else, the feed too, is written as always."""
    kept: Later = []
    honest = write._save_records

    def save(conn: Any, org_id: int, state: State) -> None:
        touched = dict(state.touched)
        state.touched = {key: None for key in touched if not chosen(key, state)}
        honest(conn, org_id, state)
        state.touched = touched
        kept.append((_rest, (org_id, state, [key for key in touched if chosen(key, state)]), {}))

    def _rest(conn: Any, org_id: int, state: State, keys: list[Key]) -> None:
        state.touched = dict.fromkeys(keys)
        honest(conn, org_id, state)

    write._save_records = save
    try:
        yield kept
    finally:
        write._save_records = honest


class Plant(Struct, frozen=True):
    """A fault and what the matrix must say of it: torn, duplicated or lost, in a sentence with these words."""

    operation: Operation
    fault: str
    words: str
