"""What features ask for is loaded: in rounds, each thing once, of this organisation alone, and what must be locked before the lock."""

from collections.abc import Iterable

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.needs import Asking, Counter, Entering, Every, Need, Rows, Whole
from server.services.needs import ROUNDS_MAX, Loader
from shared_schema.records.base import Record
from shared_schema.records.customer import Collaborator, Customer, Standing
from shared_schema.records.quote import QuoteShown
from shared_schema.records.reference import Department, FieldDefinition, FieldKind, Organisation, Person, Role
from shared_schema.registry import BY_NAME
from sync.rules import Actor
from sync.state import State
from tests.integration.test_quote_decisions import decide, lines_of, look, quote_on, submitted
from tests.world import Team, World, team_of, words


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def loader_of(conn: sa.Connection, team: Team) -> Loader:
    actor = Actor(team.world.org_id, team.manager.user_id, 0, Role.manager)
    return Loader(conn, actor, State(), team.world.now_ms)


async def test_what_hangs_on_what_was_loaded_is_loaded_in_a_later_round(team: Team) -> None:
    """The person hangs on the standing, which hangs on the customer."""

    def wanted(asking: Asking) -> Iterable[Need]:
        yield Rows(Customer, frozenset({team.customer_id}))
        if asking.state.find(Customer, team.customer_id) is not None:
            yield Rows(Standing, frozenset({team.customer_id}))
        standing = asking.state.standing(team.customer_id)
        if standing is not None and standing.owner_id is not None:
            yield Rows(Person, frozenset({standing.owner_id}))

    def owner(conn: sa.Connection) -> Person | None:
        loader = loader_of(conn, team)
        loader.rounds(wanted)
        assert loader.state.find(Person, team.ann.user_id) is None, "nobody asked for it yet"
        loader.ask(wanted(loader.asking()))
        loader.rounds(wanted)
        return loader.state.find(Person, team.ann.user_id)

    found = await team.world.database.read(owner)
    assert found is not None
    assert found.name == "ann"


async def test_a_feature_that_never_has_enough_is_a_mistake(team: Team) -> None:
    """Nothing loops in a transaction that holds locks."""
    rounds: list[Asking] = []

    def more(asking: Asking) -> Iterable[Need]:
        rounds.append(asking)
        yield Rows(Customer, frozenset({len(rounds).to_bytes(16, "big")}))

    def loaded(conn: sa.Connection) -> None:
        loader = loader_of(conn, team)
        loader.ask(more(loader.asking()))
        loader.rounds(more)

    with pytest.raises(RuntimeError, match="not loaded after"):
        await team.world.database.read(loaded)
    assert len(rounds) == ROUNDS_MAX + 1


async def test_what_is_asked_for_again_is_not_read_again(database: Database) -> None:
    """Each thing once, whoever asks, also what is not there."""

    def read(conn: sa.Connection) -> None:
        loader = Loader(conn, Actor(1, b"a" * 16, 0, Role.rep), State(), 0)
        known = Rows(Customer, frozenset({b"c" * 16}))
        loader.ask([known])
        assert loader.load()
        loader.ask([known])
        assert not loader.load()
        loader.ask([Rows(Customer, known.ids | {b"d" * 16})])
        assert loader.load(), "one of them is new"

    await database.read(read)


async def test_what_was_written_stands_whoever_reads_it_again(team: Team) -> None:
    """Found by its customer, ended at another moment, then asked for by its id."""

    def until(conn: sa.Connection) -> int | None:
        loader = loader_of(conn, team)
        loader.ask([Rows(Collaborator, frozenset({team.customer_id}), by="customer_id")])
        assert loader.load()
        (known,) = [one.record for one in loader.state.held.values() if isinstance(one.record, Collaborator)]
        loader.state.write(msgspec.structs.replace(known, until_ms=7))
        loader.ask([Rows(Collaborator, frozenset({known.id}))])
        assert loader.load()
        found = loader.state.find(Collaborator, known.id)
        return found.until_ms if found is not None else None

    assert await team.world.database.read(until) == 7


@pytest.mark.parametrize("need", [Whole(b"c" * 16), Entering(b"p" * 16)], ids=["family", "pool"])
async def test_what_must_be_locked_is_asked_for_before_the_lock(team: Team, need: Need) -> None:
    """Architecture, locks: whoever asked in time may ask again; whoever comes late would lock out of order, or not at all."""

    def late(conn: sa.Connection) -> None:
        loader = loader_of(conn, team)
        loader.ask([need])
        loader.lock_ends()
        loader.ask([need])
        assert {*loader.whole, *loader.entering} == {b"c" * 16 if isinstance(need, Whole) else b"p" * 16}
        loader = loader_of(conn, team)
        loader.lock_ends()
        with pytest.raises(RuntimeError, match="in the first round"):
            loader.ask([need])

    await team.world.database.read(late)


async def test_all_of_one_kind_are_all_of_this_organisation(team: Team) -> None:
    """Every need names the organisation of who acts, and no other one."""
    elsewhere = await World(team.world.database, org_id=2).open(FieldDefinition(b"f" * 16, 1, 1, "k9", FieldKind.text, "k9", "k9"))
    kinds: list[type[Record]] = [Department, Organisation, FieldDefinition]

    def ids(conn: sa.Connection) -> set[bytes]:
        loader = loader_of(conn, team)
        loader.ask(Every(kind) for kind in kinds)
        assert loader.load()
        loader.ask(Every(kind) for kind in kinds)
        assert not loader.load()
        return {one.record.id for one in loader.state.held.values()}

    found = await team.world.database.read(ids)
    assert team.world.department_id in found
    assert found.isdisjoint({elsewhere.department_id, b"f" * 16})
    assert len(found) == 2, "its department and itself"


async def test_each_counter_that_was_asked_for_is_loaded(team: Team) -> None:
    """By key, whatever the order of those who ask."""

    def counted(conn: sa.Connection) -> dict[str, int]:
        loader = loader_of(conn, team)
        loader.ask([Counter("quote:2027"), Counter("quote:2026"), Counter("quote:2027")])
        loader.lock_counters()
        return dict(loader.state.counters)

    assert list((await team.world.database.write(counted)).items()) == [("quote:2026", 0), ("quote:2027", 0)]


async def test_two_quotes_have_two_numbers(team: Team) -> None:
    """D-311: the second one is counted on from the first."""
    numbers = [quote_on(team.ann, await submitted(team)).number for _ in range(2)]
    assert [number.rpartition("-")[2] for number in numbers] == ["000001", "000002"]


async def test_the_total_follows_a_line_that_is_changed_alone(team: Team) -> None:
    """D-304: a change of a line does not name its quote; the quote is found by the line as it stands."""
    quote_id = await submitted(team)
    assert isinstance(await decide(team, quote_id, "return_quote", await look(team, quote_id)), QuoteShown)
    await team.step()
    (first, _) = lines_of(team.ann, quote_id)
    line = {slot: getattr(first, slot) for slot in BY_NAME["quote_line"].groups["line"]}
    team.ann.patch("quote_line", first.id, {**line, "price_minor": first.price_minor + 50})
    assert words(await team.ann.sync()) == [("applied", None)]
    assert quote_on(team.ann, quote_id).gross_minor == 350
