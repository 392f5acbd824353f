"""Planted faults of pools, desk, ledgers, backup and restore: each torn apart so that one judge of the crash matrix must notice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import sqlalchemy as sa

from server import chance
from server.database import Database
from server.jobs.compact import DAY_MS
from server.models import feed, scope
from server.services import act, backup, hand_over
from server.store import archive, compact, dump, schema, spots, write
from shared_schema.records.customer import HandOverRequest
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_NUMBER
from sync.state import Key, State
from tests.features import pools, quotes
from tests.prove import crash_archive, crash_desk
from tests.prove.crash_listed import Operation, Run, sending
from tests.prove.crash_postponed import Plant, left_out, make_up, postponed
from tests.prove.crash_stage import Scene


def later(run: Run, module: Any, *names: str) -> Run:
    """The operation with these functions of a module left for a second transaction."""

    async def torn(database: Database, scene: Scene) -> object:
        with postponed(module, *names) as kept:
            answer = await run(database, scene)
        await make_up(database, kept)
        return answer

    return torn


def without(run: Run, chosen: Callable[[Key, State], bool]) -> Run:
    """The operation with these records left for a second transaction."""

    async def torn(database: Database, scene: Scene) -> object:
        with left_out(chosen) as kept:
            answer = await run(database, scene)
        await make_up(database, kept)
        return answer

    return torn


def of(entity: str) -> Callable[[Key, State], bool]:
    return lambda key, _: BY_NUMBER[key[0]].name == entity


def new_item(key: Key, state: State) -> bool:
    return of("inbox_item")(key, state) and key in state.created


def author_item(key: Key, state: State) -> bool:
    """The one from which another one came."""
    found = state.held[key].record
    return isinstance(found, InboxItem) and found.origin_id is None


async def cards_forgotten(database: Database, scene: Scene) -> object:
    """A hand-over that ends at once where nothing is owned any more: a first one that died has left the cards."""
    to, leaver_id = HandOverRequest(to_user_id=scene.ids["gus"]), scene.ids["leaver"]
    found = await database.read(hand_over.left, scene.claims["manager"], leaver_id, to, scene.now_ms)
    return await crash_desk.hand(database, scene) if found.owned or found.shared else False


async def floor_later(database: Database, scene: Scene) -> object:
    """Removals go in one transaction, the floor rises in another."""
    before_ms = chance.now_ms() - crash_desk.TOMBSTONE_DAYS * DAY_MS
    for number in await database.read(compact.scopes, scene.org_id, before_ms):
        last = await database.write(_rows_go, number, before_ms)
        await database.write(_floor_rises, number, last)
    return None


def _rows_go(conn: sa.Connection, number: int, before_ms: int) -> int:
    old = (feed.c.scope_no == number, feed.c.gone > 0, feed.c.written_ms < before_ms)
    last = conn.execute(sa.select(sa.func.max(feed.c.seq)).where(*old)).scalar_one()
    conn.execute(sa.delete(feed).where(*old))
    return int(last)


def _floor_rises(conn: sa.Connection, number: int, last: int) -> None:
    conn.execute(sa.update(scope).where(scope.c.number == number).values(floor=last))


@contextmanager
def _at_its_name(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        yield file


async def written_at_its_name(database: Database, scene: Scene) -> object:
    """A backup that grows at the name that was asked for."""
    archive.created = _at_its_name
    return await crash_archive.back_up(database, scene)


async def noted_first(database: Database, scene: Scene) -> object:
    """Phones may forget before the file is whole."""
    await backup.mark(database, await database.read(dump.line_stands))
    return await crash_archive.back_up(database, scene)


async def dropped_first(database: Database, scene: Scene) -> object:
    """What is there goes in a transaction of its own."""
    await schema.alone(scene.texts["url"], dump.drop_all)
    return await crash_archive.restore_over(database, scene)


async def tables_first(database: Database, scene: Scene) -> object:
    """Tables come in a transaction of their own: a server would start on them."""
    await schema.migrate(scene.texts["url"])
    return await crash_archive.restore_into_nothing(database, scene)


WRONG: Final = crash_desk.STATE_WRONG
PLANTS: Final = (
    Plant(Operation("plant: card after the claim", without(sending("claim"), of("pool_card"))), "torn", "the cards of pools"),
    Plant(
        Operation("plant: collaborations end after the release", later(later(sending("release"), write, "_bury"), spots, "keep")),
        "torn",
        "and shared",
    ),
    Plant(Operation("plant: mask in a second transaction", without(pools.mask, of("pool_card"))), "torn", "which its pool hides"),
    Plant(Operation("plant: buried and there", later(sending("restore"), write, "_unbury")), "torn", "there and deleted"),
    Plant(Operation("plant: history after the undo", later(sending("undo"), write, "_save_changes")), "lost", "change ("),
    Plant(Operation("plant: total after its entries", without(sending("samples"), of("sample_count"))), "torn", "not the sums"),
    Plant(Operation("plant: set after its feed", without(sending("elements"), of("customer"))), "torn", "feed"),
    Plant(Operation("plant: receipt before its note", without(sending("note"), of("team_note"))), "torn", "its note is nowhere"),
    Plant(Operation("plant: revision before its lines", without(sending("revise"), of("quote_line"))), "torn", "its totals"),
    Plant(Operation("plant: sent up before it arrives", without(sending("send up"), new_item)), "torn", "above it is nowhere"),
    Plant(Operation("plant: author's card after the decision", without(sending("decide"), author_item)), "torn", "above it is used_mine"),
    Plant(Operation("plant: cards after the return", without(crash_desk.give_back, of("inbox_item"))), "torn", "feed"),
    Plant(Operation("plant: told after the decision", later(quotes.deciding("approve"), act, "tell"), again=WRONG),
          "lost", "state_wrong"),
    Plant(Operation("plant: a hand-over forgets the cards", cards_forgotten), "lost", "inbox_item"),
    Plant(Operation("plant: collaboration ends before its event", later(crash_desk.end_collaborations, write, "_save_events"), on_day=1),
          "torn", "events say"),
    Plant(Operation("plant: removals go before the floor rises", floor_later, on_day=crash_desk.TOMBSTONE_DAYS + 1), "duplicated", "scope"),
    Plant(Operation("plant: backup grows at its name", written_at_its_name, outside=crash_archive.forgotten_too_early), "torn", "half a"),
    Plant(Operation("plant: backup noted before it is whole", noted_first, outside=crash_archive.forgotten_too_early), "torn", "to forget"),
    Plant(Operation("plant: restore drops first", dropped_first, ignored=crash_archive.BRANCHED, outside=crash_archive.something_stands),
          "torn", "nothing is left"),
    Plant(Operation("plant: restore makes tables first", tables_first, prepared=False, outside=crash_archive.nothing_or_all),
          "torn", "nothing that was restored"),
)  # fmt: skip
