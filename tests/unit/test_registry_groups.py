"""What a group of a record asks of a patch (P-331)."""

from typing import Annotated

from shared_schema.entity import Entity
from shared_schema.places import Datum
from shared_schema.policy import FIXED, Group, Lane, OfFamily, Policy
from shared_schema.records.base import Record
from shared_schema.registry import BY_NAME
from shared_schema.scalars import Id, Word


class Kiosk(Record, frozen=True, array_like=True):
    """A record whose group gained a slot."""

    customer_id: Annotated[Id, FIXED]
    street: Annotated[Word, Group("place")] = ""
    datum: Annotated[Datum, Group("place")] = Datum.unknown
    floor: Annotated[Word, Group("place", later=True)] = ""
    hint: Annotated[Word, Group("hint", later=True)] = ""


def test_what_a_group_gained_later_and_what_an_app_may_not_read_may_be_missing() -> None:
    """P-103, P-331."""
    assert Entity(200, Kiosk, Policy.register, Lane.now, OfFamily()).carried == {"place": ("street",), "hint": ()}


def test_what_the_groups_of_today_ask() -> None:
    """P-331."""
    assert BY_NAME["customer"].carried["address"] == ("address", "city")
    assert BY_NAME["customer"].carried["position"] == ("latitude_e6", "longitude_e6")
    assert BY_NAME["contact"].carried["person"] == ("name", "title")
    assert len(BY_NAME["quote_line"].carried["line"]) == 8
