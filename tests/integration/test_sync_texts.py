"""One bad text in one entry of several: that entry is refused alone, by name, on both formats, and its neighbours are taken."""

from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
import sqlalchemy as sa

from mobile_api.codec import JSON, MSGPACK
from server import chance
from server.models import payload
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_NAME, BY_RECORD
from shared_schema.wire import ANSWER_DECODER, OUTCOME_DECODER, ROWS_DECODER, Kind
from tests.integration.site import Caller, Site
from tests.prove.fuzz_bodies import encode, named

BAD: Final = "\ue001bad"
"""What stands for the bad text until the body is bytes."""
CUSTOMER, QUOTE = BY_NAME["customer"].number, BY_NAME["quote"].number
SPELLINGS: Final[dict[str, tuple[str, bytes]]] = {
    "escaped surrogate": (JSON, b"a\\ud800b"), "escaped low surrogate": (JSON, b"a\\udc00"),
    "surrogates in the wrong order": (JSON, b"\\ude00\\ud83d"),
    "raw surrogate": (JSON, b"a\xed\xa0\x80b"), "not UTF-8": (JSON, b"\xc9\xcc\xb5\xea"), "escaped NUL": (JSON, b"a\\u0000b"),
    "escaped CSI": (JSON, b"a\\u009b2J"), "loose accent": (JSON, "Cafe\u0301".encode()),
    "surrogate": (MSGPACK, b"a\xed\xa0\x80b"), "byte": (MSGPACK, b"\xc9\xcc\xb5\xea"), "NUL": (MSGPACK, b"a\x00b"),
    "CSI": (MSGPACK, b"a\xc2\x9b2J"), "accent": (MSGPACK, "Cafe\u0301".encode()),
}  # fmt: skip
"""Spelling → (format, the bytes between the quotes or after the length)."""
Entry = list[Any]


def changed(slot: int, value: Any) -> Callable[[Entry], Entry]:
    """A good patch with another value in one slot of its envelope."""
    return lambda entry: [value if at == slot else one for at, one in enumerate(entry)]


def same(entry: Entry) -> Entry:
    """Nothing is wrong with it."""
    return entry


def saying(kind: Kind, body: Any, entity: int = CUSTOMER) -> Callable[[Entry], Entry]:
    """An entry with this body."""
    return lambda entry: [*entry[:2], int(kind), entity, *entry[4:6], body, entry[7]]


PLACES: Final[dict[str, tuple[Callable[[Entry], Entry], str | None]]] = {
    "create": (saying(Kind.create, {"name": BAD}), "name"),
    "create with much else": (saying(Kind.create, {"name": "x", "note": BAD, "city": "Shanghai"}), "note"),
    "patch": (saying(Kind.patch, {"name": BAD}), "name"),
    "restore": (saying(Kind.restore, {"name": BAD}), "name"),
    "undo": (saying(Kind.undo, {"name": BAD}), "name"),
    "custom field": (saying(Kind.patch, {"extra": {"shelf": BAD}}), "extra.shelf"),
    "name of a custom field": (saying(Kind.patch, {"extra": {BAD: 1}}), "extra"),
    "name of a field": (saying(Kind.patch, {"name": "x", BAD: 1}), None),
    "set of a create": (saying(Kind.create, {"name": "x", "tags": [BAD]}), "tags"),
    "set of a patch": (saying(Kind.patch, {"tags": {"add": ["vip", BAD]}}), "tags"),
    "removed from a set": (saying(Kind.patch, {"tags": {"remove": [[BAD, 1, 1]]}}), "tags"),
    "a number's place": (saying(Kind.patch, {"kind": BAD}), "kind"),
    "a field of a newer app": (saying(Kind.patch, {"mood": {"colour": [BAD]}}), "mood"),
    "field of a command": (saying(Kind.command, {"command": "reject", "content_hash": bytes(32), "note": BAD}, QUOTE), "note"),
    "name of a command": (saying(Kind.command, {"command": BAD}, QUOTE), "command"),
    "name of a command's field": (saying(Kind.command, {"command": "dismiss", BAD: 1}, QUOTE), None),
    "whole body": (saying(Kind.patch, BAD), None),
    "body of a delete": (saying(Kind.delete, [BAD]), None),
    "base": (changed(5, {"name": 1, BAD: 1}), "bases"),
    "id": (changed(4, BAD), "id"),
    "group": (changed(1, BAD), "group"),
    "kind": (changed(2, BAD), "kind"),
    "entity": (changed(3, BAD), "entity"),
    "device time": (changed(7, BAD), "device_ms"),
}


@pytest.fixture
def lin(served: Site) -> Caller:
    caller = served.caller("alpha", "lin")
    assert caller.log_in().status_code == 200
    return caller


class Line:
    """A signed-in phone that sends what no honest app writes."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.next_n = 1

    def entries(self, *places: Callable[[Entry], Entry]) -> list[Entry]:
        """A bad entry at each of these places, good creates before, between and after them."""
        found = []
        for place in (same, *(each for bad in places for each in (bad, same))):
            n = self.next_n
            found.append(place([n, [n, 0, 1], int(Kind.create), CUSTOMER, chance.new_id(), {}, {"name": f"Shop {n}"}, 5]))
            self.next_n += 1
        return found

    def body(self, entries: list[Entry], media: str, spelt: bytes) -> bytes:
        """The request with these bytes where a text is bad."""
        request = [1, 1, "test", b"", 0, 5, entries, 4_096, []]
        if media == JSON:
            return encode(named_all(request), JSON, escaped=False).replace(BAD.encode(), spelt)
        length = len(spelt)
        return encode(request, MSGPACK).replace(bytes([0xA0 | len(BAD.encode())]) + BAD.encode(), bytes([0xA0 | length]) + spelt)

    def send(self, body: bytes, media: str, accept: str | None = None) -> httpx.Response:
        headers = {"content-type": media, "accept": accept or media, "authorization": f"Bearer {self.caller.session['access_token']}"}
        return self.caller.site.http.post("/v1/sync", content=body, headers=headers)


def named_all(request: list[Any]) -> dict[str, Any]:
    """The twin, also of a group that is none."""
    groups = [one[1] for one in request[6]]
    told = named([*request[:6], [[*one[:1], [0, 0, 1], *one[2:]] for one in request[6]], *request[7:]])
    for one, group in zip(told["mutations"], groups, strict=True):
        one["group"] = dict(zip(("first_n", "index", "count"), group, strict=True)) if isinstance(group, list) else group
    return told


def outcomes(told: httpx.Response, media: str) -> list[tuple[int, str | None, str | None]]:
    """(result, code, field) of each."""
    assert told.status_code == 200, told.text
    if media == JSON:
        return [(one["result"], one["code"], one["field"]) for one in told.json()["outcomes"]]
    found = [OUTCOME_DECODER.decode(one) for one in ANSWER_DECODER.decode(told.content).outcomes]
    return [(int(one.result), one.code, one.field) for one in found]


def bytes_kept(conn: sa.Connection) -> list[bytes]:
    """The bytes of everything that was refused."""
    return list(conn.execute(sa.select(payload.c.body)).scalars())


def test_a_bad_text_is_refused_alone_and_named_wherever_it_stands(lin: Caller) -> None:
    """P-110, P-324."""
    line, wrong = Line(lin), []
    for spelling, (media, spelt) in SPELLINGS.items():
        entries = line.entries(*(place for place, _ in PLACES.values()))
        told = outcomes(line.send(line.body(entries, media, spelt), media), media)
        assert set(told[::2]) == {(1, None, None)}, f"{spelling}: the neighbours are taken"
        expected = [(name, (4, "text_unclean", field)) for name, (_, field) in PLACES.items()]
        wrong += [(spelling, name, got) for (name, want), got in zip(expected, told[1::2], strict=True) if got != want]
    assert wrong == []
    kept = len(lin.site.write(bytes_kept))
    assert kept == len(PLACES) * len(SPELLINGS), "the bytes of each are kept"


@pytest.mark.parametrize("media", [JSON, MSGPACK])
def test_sent_again_it_is_told_the_same_and_its_bytes_are_kept(lin: Caller, media: str) -> None:
    """P-310, P-311, P-324, P-721: the same bytes on both formats."""
    line = Line(lin)
    entries = line.entries(saying(Kind.create, {"city": "上海", "name": BAD}))
    first = line.send(line.body(entries, JSON, b"a\\ud800b"), JSON, media)
    again = line.send(line.body(entries, MSGPACK, b"a\xed\xa0\x80b"), MSGPACK, media)
    assert outcomes(again, media) == outcomes(first, media)
    assert [result for result, _, _ in outcomes(again, media)] == [1, 4, 1]
    (kept,) = lin.site.write(bytes_kept)
    assert b"a\xed\xa0\x80b" in kept
    told = line.send(line.body(entries, JSON, b"a\\udfffb"), JSON)
    assert sorted(result for result, _, _ in outcomes(told, JSON)) == [1, 1, 6], "other bytes under the same number are another history"


def test_its_card_comes_on_both_formats_with_all_that_can_be_shown(lin: Caller) -> None:
    """P-501, P-504."""
    line = Line(lin)
    line.send(line.body(line.entries(saying(Kind.create, {"name": BAD, "city": "上海"})), JSON, b"a\\ud800b"), JSON)
    line.send(line.body(line.entries(saying(Kind.create, {"note": BAD, "name": "Tea"})), MSGPACK, b"\xc9\xcc"), MSGPACK)
    for media in (JSON, MSGPACK):
        shown = sorted(cards(line.send(line.body([], media, b""), media), media), key=lambda mine: mine["name"])
        assert shown == [{"name": "Tea", "note": "\x7f\x7f"}, {"name": "a\x7f\x7f\x7fb", "city": "上海"}]


def cards(told: httpx.Response, media: str) -> list[dict[str, Any]]:
    """What the author entered, of each card in an answer."""
    if media == JSON:
        rows = [row for page in told.json()["pages"] for row in page["rows"]]
        return [row["body"]["members"][0]["mine"] for row in rows if row["entity"] == BY_RECORD[InboxItem].number]
    answer = ANSWER_DECODER.decode(told.content)
    items = [row for page in answer.pages for row in ROWS_DECODER.decode(page.rows) if row.entity == BY_RECORD[InboxItem].number]
    return [BY_RECORD[InboxItem].read(row.body).members[0].mine for row in items]  # type: ignore[attr-defined]


@pytest.mark.parametrize("media", [JSON, MSGPACK])
def test_in_any_other_body_it_is_refused_with_the_request(lin: Caller, media: str) -> None:
    """P-110."""
    line = Line(lin)
    spelt = b"a\\ud800b" if media == JSON else b"a\xed\xa0\x80b"
    body = line.body(line.entries(), media, spelt).replace(b"test" if media == JSON else b"\xa4test",
                                                                         spelt if media == JSON else b"\xa5" + spelt)  # fmt: skip
    told = line.send(body, media, JSON)
    assert (told.status_code, told.json()["code"], told.json()["errors"][0]["field"]) == (422, "text_unclean", "app")
    boss = lin.site.admin()
    headers = {"content-type": media, "authorization": f"Bearer {boss.session['access_token']}"}
    asked = encode({"name": BAD}, media, escaped=False)
    asked = asked.replace(BAD.encode(), spelt) if media == JSON else asked.replace(b"\xa6" + BAD.encode(), b"\xa5" + spelt)
    told = boss.site.http.post("/v1/desk/departments", content=asked, headers=headers)
    assert told.json()["code"] == "text_unclean", told.text


BEYOND = (b"1e400", b"18446744073709551616", b"-123456789012345678901", b"9" * 400, b"9" * 5_000)


@pytest.mark.parametrize("number", BEYOND, ids=lambda number: f"{number[:8].decode()} of {len(number)}")
def test_a_number_beyond_all_bounds_is_refused_alone_too(lin: Caller, number: bytes) -> None:
    """P-324, P-721."""
    line = Line(lin)
    body = line.body(line.entries(saying(Kind.patch, {"kind": BAD})), JSON, b"x").replace(b'"x"', number)
    assert number in body
    assert outcomes(line.send(body, JSON), JSON) == [(1, None, None), (4, "field_wrong", "kind"), (1, None, None)]


def test_a_number_that_cannot_be_read_still_fails_the_request(lin: Caller) -> None:
    """P-324: there is nothing to answer to."""
    line = Line(lin)
    told = line.send(line.body(line.entries(changed(0, BAD)), JSON, b"\\ud800"), JSON)
    assert (told.status_code, told.json()["code"]) == (422, "field_wrong")
    assert outcomes(line.send(line.body(line.entries()[:0], JSON, b""), JSON), JSON) == []
