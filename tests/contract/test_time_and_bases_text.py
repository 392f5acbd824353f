"""docs/protocol.md, P-335, P-620, P-621: the bases and the times that its examples show are those that device and server compute."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec
import pytest

from server.database import Database
from shared_schema.elements import WordChange
from shared_schema.records.activity import Visit
from shared_schema.registry import BY_NAME
from shared_schema.wire import MUTATION_DECODER, PAGE_BYTES, Kind, Mutation, SyncRequest
from sync import device
from tests.contract.documents import DOCS, codes, examples, table
from tests.world import Entry, Phone, Team, team_of

TEXT: Final = (DOCS / "protocol.md").read_text("utf-8")
BASES: Final = [msgspec.json.decode(codes(bases)[0]) for *_, bases in table(TEXT, "### Bases, one entry after the other")]


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


def newest(phone: Phone) -> dict[str, int]:
    """The bases of the entry that was written last."""
    return dict(MUTATION_DECODER.decode(phone.shelf.pendings()[-1].raw).bases)


async def test_the_bases_of_the_page_are_those_of_the_reference_device(team: Team) -> None:
    """P-335, P-330: entries in the order of the table, and what it says of the rows between them."""
    ann, found = team.ann, []
    shop = ann.create("customer", name="Night Market")
    found.append(newest(ann))
    ann.patch("customer", shop, phone="1")
    found.append(newest(ann))
    await ann.sync()
    assert ann.customer(shop).rev == 2
    for values in ({"phone": "2"}, {"phone": "3", "city": "Suzhou"}, {"tags": WordChange(add=("late",))}):
        ann.patch("customer", shop, values)
        found.append(newest(ann))
    for number in range(3):
        team.bo.patch("customer", team.customer_id, note=f"comes first {number}")
        await team.bo.sync()
    ann.page_bytes = 1
    answer = await ann.answer(ann.ask())
    assert device.apply(ann.shelf, answer)
    assert (len(answer.outcomes), answer.more, server_rev(ann, shop)) == (3, True, 2)
    ann.patch("customer", shop, note="ring")
    found.append(newest(ann))
    await ann.sync()
    assert server_rev(ann, shop) == 6
    await team.collaborate(team.bo, shop)
    await team.bo.sync()
    team.bo.patch("customer", shop, city="Hangzhou")
    await team.bo.sync()
    ann.page_bytes = PAGE_BYTES
    on_its_way = ann.ask()
    ann.patch("customer", shop, note="ring twice")
    found.append(newest(ann))
    assert device.apply(ann.shelf, await ann.answer(on_its_way))
    assert server_rev(ann, shop) == 7
    for values in ({"note": "ring three times"}, {"phone": "4"}):
        ann.patch("customer", shop, values)
        found.append(newest(ann))
    assert found == BASES


def server_rev(phone: Phone, customer_id: bytes) -> int:
    """The rev of the row that the phone holds."""
    body = phone.shelf.row((1, customer_id))
    assert body is not None
    return int(msgspec.msgpack.decode(body)[1])


async def test_the_visit_of_the_page_gets_the_times_it_says(team: Team) -> None:
    """P-620, P-621, P-440: of the same bytes, whatever the phone's clock, as long as it is wrong by the same at both moments."""
    shown = [msgspec.msgpack.decode(raw, type=Mutation) for raw in mutations()]
    (visit,) = (one for one in shown if one.entity == BY_NAME["visit"].number)
    (_, entered_ms, happened_ms), (_, sent_ms, received_ms) = table(TEXT, "### A clock that is an hour ahead")
    assert visit.device_ms == msgspec.msgpack.decode(visit.body)["device_ms"] == int(entered_ms)
    customer = Entry(1, Kind.create, "customer", msgspec.msgpack.decode(visit.body)["customer_id"], {"name": "Shop"}).raw()
    again = msgspec.structs.replace(visit, n=2, group=msgspec.structs.replace(visit.group, first_n=2))
    line = await team.world.phone(team.ann.user_id)
    team.world.now_ms = int(received_ms) - 1_000  # the answer takes a second in this world
    raws = [msgspec.Raw(customer), msgspec.Raw(msgspec.msgpack.encode(again))]
    assert device.apply(line.shelf, await line.answer(SyncRequest(1, 1, "test", b"", 0, int(sent_ms), raws)))
    told = line.view("visit", visit.id)
    assert isinstance(told, Visit)
    assert (told.occurred_ms, told.received_ms) == (int(happened_ms), int(received_ms))
    said = [int(number) for number in re.findall(r"\d{7,}", TEXT.split("`device_ms` of the request is", 1)[1].split("\n\n", 1)[0])]
    assert said == [int(sent_ms), int(sent_ms) - int(received_ms), told.occurred_ms, told.received_ms]


def mutations() -> Iterator[bytes]:
    """The examples of a mutation."""
    for one in examples(TEXT):
        if (one.form, one.struct) == ("msgpack-hex", "Mutation"):
            yield bytes.fromhex("".join(one.text.split()))
