"""What the crash matrix runs as an operator types it: `outrider backup` and `outrider restore`, and what a death may leave of them."""

import asyncio
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final, TypeVar

import click
import sqlalchemy as sa

from mobile_api.commands import backup, restore
from server.database import Database, open_database
from server.models import device, metadata
from server.store import archive, dump
from server.store.archive import ArchiveError
from tests.prove.crash_listed import Column, LostError, Operation
from tests.prove.crash_stage import Scene

T = TypeVar("T")
BRANCHED: Final[frozenset[Column]] = frozenset({("org", "epoch"), ("org", "rev_floor"), ("counter", "value")})
"""Where an organisation goes on moves with each restore."""
NOTED: Final = frozenset({"device"})
"""Tables that the note of a backup changes, after the file is whole."""


async def typed(command: click.Command, scene: Scene, *words: str) -> None:
    """Run a command with its own loop and its own connection, as a process of its own would. Raises click.ClickException."""
    os.environ["OUTRIDER_DATABASE_URL"] = scene.texts["url"].replace("+asyncpg", "")
    with redirect_stdout(io.StringIO()):
        await asyncio.to_thread(command.main, list(words), standalone_mode=False)


def _file(scene: Scene) -> Path:
    return Path(scene.texts["beside"], "a.backup")


async def back_up(database: Database, scene: Scene) -> object:
    """Where a file is already, it is written over: so does whoever types it again."""
    force = ("--force",) if _file(scene).exists() else ()
    await typed(backup.command, scene, str(_file(scene)), *force)
    return None


async def it_is_whole(database: Database, scene: Scene, _: object) -> None:
    """What was told to be saved is in the file, row by row, and nothing of one that died stands beside it."""
    if beside := [file.name for file in _file(scene).parent.iterdir() if archive.DRAFT.fullmatch(file.name)]:
        raise LostError(f"what a dead backup left is still there: {beside}")
    wanted = await database.read(_content)
    found: Counter[str] = Counter()
    for table, _columns, rows in archive.blocks(_file(scene)):
        found.update(repr((table, tuple(row))) for row in rows if table not in NOTED)
    if found != wanted:
        raise LostError(f"the backup lacks {list(wanted - found)[:2]}, has besides {list(found - wanted)[:2]}")


def _content(conn: sa.Connection) -> Counter[str]:
    tables = (table for table in metadata.sorted_tables if table.name not in NOTED)
    return Counter(repr((str(table.name), tuple(row))) for table in tables for row in conn.execute(sa.select(table)))


def whole_or_refused(scene: Scene) -> Iterator[str]:
    """What stands at the name that was asked for is whole; what a death left beside it is refused by a restore, or whole as well."""
    for file in sorted(Path(scene.texts["beside"]).iterdir()):
        try:
            header = archive.verified(file, _quiet)
            held = Counter({table: len(rows) for table, _, rows in archive.blocks(file)})
        except ArchiveError as error:
            if file == _file(scene):
                yield f"half a backup stands at its name: {error}"
        else:
            if set(held) != {table for table, count in header.counts.items() if count}:
                yield f"{file.name} is taken for whole and is not"


def forgotten_too_early(scene: Scene) -> Iterator[str]:
    """Phones may forget what a backup holds, once there is one."""
    yield from whole_or_refused(scene)
    if not _file(scene).exists() and asyncio.run(_asked(scene, _noted)):
        yield "phones were told to forget what no backup holds"


def _noted(conn: sa.Connection) -> bool:
    return conn.execute(sa.select(device.c.line_no).where(device.c.backed_up_n > 0)).first() is not None


def something_stands(scene: Scene) -> Iterator[str]:
    """Where there was something, there is: what was there, or what was restored."""
    if asyncio.run(_asked(scene, dump.floors)) == {}:
        yield "nothing is left of what was there"


def nothing_or_all(scene: Scene) -> Iterator[str]:
    """No tables, and a server refuses to start on them; or the whole backup. Tables without an organisation would be served."""
    if asyncio.run(_asked(scene, dump.ours)) and asyncio.run(_asked(scene, dump.floors)) == {}:
        yield "there are tables, and nothing that was restored"


async def _asked(scene: Scene, unit: Callable[[sa.Connection], T]) -> T:
    database = open_database(scene.texts["url"])
    try:
        return await database.read(unit)
    finally:
        await database.close()


def _quiet(_more: int, _total: int) -> None:
    """Nobody watches."""


async def restore_over(database: Database, scene: Scene) -> object:
    await typed(restore.command, scene, scene.texts["archive"], "--replace")
    return None


async def restore_into_nothing(database: Database, scene: Scene) -> object:
    """Asked again once it had been done, it says that the database is not empty and what to do."""
    try:
        await typed(restore.command, scene, scene.texts["archive"])
    except click.ClickException as error:
        if "--replace" not in error.message:
            raise
    return None


OPERATIONS: Final = (
    # The file and the note of it stand apart: where only the note fails, the file is whole, it is said, and phones keep what they have.
    Operation("outrider backup", back_up, settle=it_is_whole, apart=True, outside=forgotten_too_early, touches=("device",)),
    Operation("outrider restore --replace", restore_over, ignored=BRANCHED, outside=something_stands, touches=("org",)),
    Operation("outrider restore into nothing", restore_into_nothing, prepared=False, outside=nothing_or_all),
)
