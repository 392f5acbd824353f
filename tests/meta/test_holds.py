"""Who holds a record is declared, once: every entity has a hold, and the engine asks the hold and never a slot by its name."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Final

import pytest

from server.models import RECORD_TABLES
from shared_schema import records
from shared_schema.policy import InTile, OfFamily, OfTeam, OfUsers, Policy
from shared_schema.registry import BY_NAME, ENTITIES, NOUNS

ROOT: Final = Path(__file__).parents[2]
ENGINE: Final = ("sync", "server/services", "server/store", "server/jobs")
BUSINESS: Final = frozenset({"sync/agreed/quotes.py", "sync/agreed/money.py", "sync/agreed/amendments.py"})
"""What phone and server compute alike about one noun."""
SLOTS: Final = frozenset(slot for entity in ENTITIES for slot in entity.slots) - {"id", "rev", "extra"}
READ_BADLY: Final = (
    "customer_id = getattr(record, 'customer_id', None)",
    "found = held.record if getattr(held.record, 'pooled') else None",
    "value = values.get('customer_id')",
)
READ_WELL: Final = (
    "customer_id = getattr(record, entity.hold.slot)",
    "customer_id = item.customer_id",
    "extra = getattr(record, 'extra', {})",
    "value = values.get(slot)",
)


def read_by_name(text: str) -> Iterator[tuple[int, str]]:
    """Line and slot of each `getattr(x, "slot")` and `x.get("slot")`."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        of_attribute = isinstance(node.func, ast.Name) and node.func.id == "getattr"
        of_mapping = isinstance(node.func, ast.Attribute) and node.func.attr == "get"
        named = node.args[1:2] if of_attribute else node.args[:1] if of_mapping else []
        yield from ((node.lineno, one.value) for one in named if isinstance(one, ast.Constant) and one.value in SLOTS)


@pytest.mark.parametrize("text", READ_BADLY)
def test_a_slot_that_is_read_by_its_name_is_found(text: str) -> None:
    assert list(read_by_name(text))


@pytest.mark.parametrize("text", READ_WELL)
def test_what_is_asked_of_the_hold_is_not_found(text: str) -> None:
    assert list(read_by_name(text)) == []


def test_no_name_of_a_slot_means_anything_to_the_engine() -> None:
    found: dict[tuple[str, str], int] = {}
    for folder in ENGINE:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if path not in BUSINESS:
                found |= {(path, slot): line for line, slot in read_by_name(file.read_text())}
    assert found == {}


def test_every_noun_is_in_the_registry() -> None:
    """A module of records that ends with its entities is one line of the registry."""
    modules = [import_module(f"shared_schema.records.{one.name}") for one in iter_modules(records.__path__)]
    found = [module.ENTITIES for module in modules if hasattr(module, "ENTITIES")]
    assert sorted(map(id, found)) == sorted(map(id, NOUNS))
    assert len({entity.number for entity in ENTITIES}) == len({entity.name for entity in ENTITIES}) == len(ENTITIES)


def test_what_a_record_needs_and_what_locks_it() -> None:
    """P-505; docs/architecture.md, locks."""
    needs = {entity.name: dict(entity.parents) for entity in ENTITIES if set(entity.parents) - {"customer_id"}}
    assert needs == {
        "quote_line": {"customer_id": "customer", "quote_id": "quote"},
        "visit": {"customer_id": "customer", "amends_id": "visit"},
        "contact_log": {"customer_id": "customer", "amends_id": "contact_log"},
        "team_note": {"amends_id": "team_note"},
    }
    assert all(name in BY_NAME for entity in ENTITIES for name in entity.parents.values())
    assert all(entity.is_own_lock == (isinstance(entity.hold, OfUsers) and not entity.hold.late) for entity in ENTITIES)
    late = [entity for entity in ENTITIES if isinstance(entity.hold, OfUsers) and entity.hold.late]
    assert all(one.policy is Policy.server and one.rising for one in late), "what is joined at the end of a transaction only rises"
    about = {entity.name: entity.about for entity in ENTITIES if entity.is_own_lock and entity.about is not None}
    assert about == {"inbox_item": "customer_id", "instruction": "customer_id", "pool_hold": "customer_id"}
    assert {entity.name for entity in ENTITIES if entity.about == "id"} == {"customer", "standing", "pool_card"}


@pytest.mark.parametrize("name", BY_NAME)
def test_what_a_holder_or_a_parent_is_searched_by_has_an_index(name: str) -> None:
    """The migration test compares these tables with the migrations, on both engines."""
    wanted: set[str] = set()
    match BY_NAME[name].hold:
        case OfFamily(slot=slot) if slot != "id":
            wanted = {slot}
        case OfUsers(slots=slots, about=about):
            wanted = {*slots, *([about] if about is not None else [])}
        case OfTeam(slot=slot) | InTile(pool=slot):
            wanted = {slot}
    if name == "quote_line":
        wanted |= {"quote_id"}
    first = {index.columns.values()[1].name for index in RECORD_TABLES[name].indexes if index.columns.values()[0].name == "org_id"}
    assert first >= wanted
