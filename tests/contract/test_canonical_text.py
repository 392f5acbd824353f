"""docs/protocol.md, P-720 to P-724: who writes canonical msgpack from the page alone gets the bytes and hashes that Outrider computes."""

import hashlib
import re
import uuid
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared_schema import export, twin
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.registry import BY_NUMBER
from shared_schema.scalars import WIRE_INTEGER_MAX
from shared_schema.wire import Kind
from sync.agreed import quotes
from tests.contract import canonical
from tests.contract.documents import PROTOCOL, SYNC, codes, example, table
from tests.integration.site import Caller, Site

ENTERED: Final = {
    name: [slot.rstrip("=").partition(":")[0] for slot in codes(slots) if not slot.endswith("!")]
    for _, name, _, _, _, slots in table(PROTOCOL, "### Entities")
}
FOREIGN: Final = canonical.Knowledge(export.Schemas([], "#/components/schemas/{name}").components, ENTERED)
TEXTS: Final = some.text(some.characters(codec="utf-8"), max_size=70)
VALUES: Final = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63), 2**64 - 1) | TEXTS | some.binary(max_size=300),
    lambda inner: some.lists(inner, max_size=18) | some.dictionaries(TEXTS, inner, max_size=18),
    max_leaves=40,
)


def body_schema(named: dict[str, Any]) -> str:
    """The OpenAPI schema of a mutation's body."""
    if named["kind"] == Kind.command:
        return next(
            name
            for name, one in FOREIGN.schemas.items()
            if one.get("properties", {}).get("command", {}).get("enum") == [named["body"]["command"]]
        )
    entity = "".join(word.title() for word in BY_NUMBER[named["entity"]].name.split("_"))
    return entity + ("Create" if named["kind"] in (Kind.create, Kind.restore) else "Patch")


@given(VALUES)
def test_a_value_has_one_way_to_be_written(value: Any) -> None:
    """P-720: both encoders of the program, that of JSON mutations and that of content hashes, are the page's."""
    written = canonical.packed(value)
    assert [msgspec.msgpack.Encoder(order=order).encode(value) for order in ("deterministic", "sorted")] == [written] * 2


@pytest.mark.parametrize("length", [15, 16, 31, 32, 255, 256, 65_535, 65_536])
def test_heads_are_the_shortest(length: int) -> None:
    """P-720: where a head grows."""
    for value in ("x" * length, b"x" * length, [None] * length, {f"{number:05}": None for number in range(length)}):
        assert canonical.packed(value) == msgspec.msgpack.Encoder(order="sorted").encode(value)


EDGES: Final = [
    edge for power in (5, 7, 8, 15, 16, 31, 32, 53) for edge in (2**power - 1, 2**power, 1 - 2**power, -(2**power), -1 - 2**power)
]


@pytest.mark.parametrize("number", EDGES)
def test_integers_take_the_fewest_bytes(number: int) -> None:
    """P-720."""
    assert canonical.packed(number) == msgspec.msgpack.encode(number)


def mutations() -> Iterator[dict[str, Any]]:
    """One of each kind of body that the page knows, with ids, sets, custom fields and texts that look like ids."""
    some_id, other = (str(uuid.UUID(int=number)) for number in (7, 8))
    tagged = {"element": some_id, "line_no": 2, "n": 70_000}
    for kind, entity, body in (
        (Kind.create, 1, {"name": some_id, "tags": ["b", "a"], "interests": [other], "extra": {"size": "l", "age": -40}}),
        (Kind.patch, 1, {"note": "茶 😀", "latitude_e6": None, "interests": {"remove": [tagged], "add": [other]}, "extra": {"size": None}}),
        (Kind.patch, 1, {"tags": {"remove": [tagged]}}),
        (Kind.undo, 7, {"product_id": other, "price_minor": -200}),
        (Kind.create, 4, {"customer_id": some_id, "device_ms": WIRE_INTEGER_MAX, "mock": True, "amends_id": None}),
        (Kind.delete, 3, None),
        (Kind.command, 6, {"command": "submit", "content_hash": "_LA_fOolD6ceqEr_OJ-yU2M9RHOYO9MLYrkVFpJ6QIE"}),
        (Kind.command, 6, {"command": "revise", "new_id": some_id, "content_hash": "_LA_fOolD6ceqEr_OJ-yU2M9RHOYO9MLYrkVFpJ6QIE"}),
    ):
        group, bases = {"first_n": 1, "index": 0, "count": 1}, {"phone": 300, "extra.size": 1, "address": 0}
        yield {"n": 1, "group": group, "kind": int(kind), "entity": entity, "id": some_id, "bases": bases, "body": body, "device_ms": 2**40}


@pytest.mark.parametrize("named", [*mutations(), example("Mutation")], ids=lambda one: f"{one['kind']}-{one['entity']}")
def test_the_bytes_of_a_mutation_on_json_are_those_of_the_page(named: dict[str, Any]) -> None:
    """P-721, P-722."""
    (raw,) = twin.sync_request_from_json(msgspec.json.encode(SYNC | {"mutations": [named]})).mutations
    assert FOREIGN.mutation(named, body_schema(named)) == bytes(raw)


def test_the_content_of_the_quote_on_the_page_has_its_hash() -> None:
    """P-724, D-310: the page's bytes, the foreign bytes, the submit that is shown, and what the program computes."""
    quote, line = example("Quote"), example("QuoteLine")
    (shown,) = re.findall(r"```canonical-hex\n(.*?)```", PROTOCOL, re.DOTALL)
    written = FOREIGN.content(quote, [line])
    assert written.hex() == "".join(shown.split())
    assert twin.bytes_text(hashlib.sha256(written).digest()) == example("Submit")["content_hash"]
    records = (twin.from_json(msgspec.json.encode(each), type_) for each, type_ in ((quote, Quote), (line, QuoteLine)))
    assert quotes.content_hash(*_header_and_lines(*records)) == hashlib.sha256(written).digest()


def _header_and_lines(quote: Any, *lines: Any) -> tuple[Any, list[Any]]:
    return quote, list(lines)


def test_lines_stand_by_position_then_id_and_defaults_are_left_out() -> None:
    """P-724: whatever the order they are held in."""
    quote = {**example("Quote"), "title": "", "extra": {"b": 1, "a": "x"}, "valid_until_day": 20_000}
    places = (("b", 1), ("", 9), ("a", 4), ("a", 3), ("é", 5), ("z", 6), ("\uffee", 2), ("😀", 8))
    lines = [{**example("QuoteLine"), "position": position, "id": str(uuid.UUID(int=number))} for position, number in places]
    typed = [twin.from_json(msgspec.json.encode(line), QuoteLine) for line in lines]
    told = quotes.content_hash(twin.from_json(msgspec.json.encode(quote), Quote), typed)
    assert hashlib.sha256(FOREIGN.content(quote, lines)).digest() == told


@pytest.fixture
def ann(here: Site) -> Caller:
    here.user(here.admin(), "ann")
    who = here.caller("alpha", "ann")
    assert who.log_in().status_code == 200
    return who


def made(**values: Any) -> dict[str, Any]:
    named = {"n": 1, "group": {"first_n": 1, "index": 0, "count": 1}, "kind": 1, "entity": 1, "id": str(uuid.uuid4())}
    return {**named, "bases": {}, "body": {"phone": "1", "name": "Shop", "tags": ["b", "a"]}, "device_ms": 1, **values}


def test_an_entry_may_be_sent_again_in_the_other_form(here: Site, ann: Caller) -> None:
    """P-721, P-311: JSON in any order of members and with blanks, then canonical msgpack: one effect, one outcome."""
    named = made()
    body = msgspec.json.format(msgspec.json.encode(SYNC | {"mutations": [dict(reversed(named.items()))]}))
    header = {"authorization": f"Bearer {ann.session['access_token']}", "content-type": "application/json"}
    first = here.http.post("/v1/sync", content=body, headers=header).json()["outcomes"]
    request = [1, 1, "test", b"", 0, 5, [msgspec.Raw(FOREIGN.mutation(named, "CustomerCreate"))]]
    header |= {"content-type": "application/vnd.msgpack", "accept": "application/json"}
    again = here.http.post("/v1/sync", content=msgspec.msgpack.encode(request), headers=header).json()["outcomes"]
    assert (first[0]["result"], again) == (1, first)
    other = ann.post("/v1/sync", SYNC | {"mutations": [{**named, "body": {"name": "Shop"}}]}).json()["outcomes"]
    assert [one["code"] for one in other] == ["forked"]


def test_what_a_set_says_on_json_is_taken_and_pulled(ann: Caller) -> None:
    """P-722: a plain list in a create, objects in a row, either in a patch."""
    named = made()
    ann.post("/v1/sync", SYNC | {"mutations": [named]})
    line_no = ann.session["line_no"]
    tagged = [{"element": element, "line_no": line_no, "n": 1} for element in ("a", "b")]
    assert ann.get(f"/v1/records/customer/{named['id']}").json()["tags"] == tagged
    for n, remove in ((2, tagged[0]), (3, list(tagged[1].values()))):
        patch = {
            **named,
            "n": n,
            "group": {"first_n": n, "index": 0, "count": 1},
            "kind": 2,
            "body": {"tags": {"remove": [remove], "add": ["c"]}},
        }
        assert [one["result"] for one in ann.post("/v1/sync", SYNC | {"mutations": [patch]}).json()["outcomes"]] == [1]
    assert {one["element"] for one in ann.get(f"/v1/records/customer/{named['id']}").json()["tags"]} == {"c"}


@pytest.mark.parametrize("number", ["1.0", "1e3", "1.5"])
def test_a_number_is_a_whole_one(here: Site, ann: Caller, number: str) -> None:
    """P-723: in an entry the entry is refused, elsewhere the request."""
    header = {"authorization": f"Bearer {ann.session['access_token']}", "content-type": "application/json"}
    asked = msgspec.json.encode(SYNC | {"mutations": [made(body={"name": "Shop", "kind": 7777})]})
    told = here.http.post("/v1/sync", content=asked.replace(b":7777", b":" + number.encode()), headers=header).json()
    assert [(one["code"], one["field"]) for one in told["outcomes"]] == [("field_wrong", "kind")]
    refused = here.http.post("/v1/sync", content=asked.replace(b'"acked_n":0', b'"acked_n":' + number.encode()), headers=header)
    assert (refused.status_code, refused.json()["code"], refused.json()["errors"][0]["field"]) == (422, "field_wrong", "acked_n")
