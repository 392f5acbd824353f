"""Commands belong to their entity: a name means what the record says, and what a record does not take is unknown there (P-334)."""

from typing import Final

import msgspec
import pytest

from shared_schema.entity import Entity
from shared_schema.policy import Lane, OfFamily, OfUsers, Policy
from shared_schema.problem import Code, Problem
from shared_schema.records.base import Command, Record
from shared_schema.records.quote import QuoteLine, Submit
from shared_schema.records.team import GiveReceipt, ReceiptLevel
from shared_schema.registry import BY_NAME, COMMANDS, ENTITIES
from shared_schema.rest import page_of
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.decode import understand

SAID: Final[dict[str, object]] = {"command": "submit", "content_hash": b"h" * 32}
ID: Final = bytes(16)


class DoneHere(Command, frozen=True, tag="done"):
    """Done, with a word."""

    word: str


class DoneThere(Command, frozen=True, tag="done"):
    """Done, with a number."""

    number: int


class Ticket(Record, frozen=True, array_like=True):
    """A record with a command of its own."""


def refused(noun: str, said: object) -> Problem:
    """Why a command on a record of this entity is not understood."""
    with pytest.raises(Problem) as found:
        understand(given(noun, said))
    return found.value


def given(noun: str, said: object) -> Mutation:
    return Mutation(1, GroupPlace(1, 0, 1), Kind.command, BY_NAME[noun].number, ID, {}, msgspec.Raw(ENCODER.encode(said)), 0)


def test_a_command_is_understood_on_the_record_that_takes_it_and_unknown_on_every_other() -> None:
    """P-334."""
    assert understand(given("quote", SAID)).command == Submit(b"h" * 32)
    assert understand(given("team_note", {"command": "receipt", "level": 2})).command == GiveReceipt(ReceiptLevel.read)
    others = [entity.name for entity in ENTITIES if entity.name != "quote"]
    assert {refused(noun, SAID).code for noun in others} == {Code.command_unknown}


@pytest.mark.parametrize("noun", ["quote", "team_note", "customer"])
def test_a_command_says_its_name_on_whatever_record(noun: str) -> None:
    """P-334: also where a record takes but one."""
    for said in ({}, {"level": 2}, {"command": 2}):
        assert (refused(noun, said).code, refused(noun, said).field) == (Code.field_wrong, "command")
    assert refused(noun, {"command": "dance"}).code == Code.command_unknown


def test_a_field_that_the_command_lacks_is_told_from_a_wrong_one() -> None:
    """P-334."""
    assert (refused("team_note", {"command": "receipt", "level": 2, "why": 1}).code, refused("quote", {**SAID, "why": 1}).field) == (
        Code.field_unknown,
        "why",
    )
    assert refused("team_note", {"command": "receipt", "level": "high"}).code == Code.field_wrong


def test_a_name_is_unique_within_its_entity_alone() -> None:
    here = Entity(200, Ticket, Policy.server, Lane.now, OfUsers(("id",)), commands=(DoneHere,))
    there = Entity(201, Ticket, Policy.server, Lane.now, OfUsers(("id",)), commands=(DoneThere,))
    assert here.command_decoder.decode(ENCODER.encode({"command": "done", "word": "a"})) == DoneHere("a")
    assert there.command_decoder.decode(ENCODER.encode({"command": "done", "number": 1})) == DoneThere(1)
    with pytest.raises(TypeError, match="two commands of one name"):
        Entity(202, Ticket, Policy.server, Lane.now, OfUsers(("id",)), commands=(DoneHere, DoneThere))


def test_a_hold_names_slots_that_the_record_has() -> None:
    with pytest.raises(TypeError, match="a slot that it does not have"):
        Entity(203, Ticket, Policy.server, Lane.now, OfFamily())


def test_every_command_is_of_an_entity_and_every_page_of_its_record() -> None:
    assert set(COMMANDS) == {one for one in Command.__subclasses__() if one.__module__.startswith("shared_schema.")}
    page = page_of(QuoteLine)
    assert (page.__name__, page.__struct_fields__, page_of(QuoteLine)) == ("QuoteLinePage", ("items", "after"), page)
