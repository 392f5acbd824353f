"""The cities of an organisation, each with its region."""

from typing import Annotated, Final

from msgspec import Meta

from shared_schema.entity import Entity
from shared_schema.policy import SERVER, Lane, OfAll, Policy
from shared_schema.records.base import Asked, Record
from shared_schema.scalars import Id

Place = Annotated[str, Meta(min_length=1, max_length=40)]
"""A city or a region in the organisation's words: as long as the city of a customer."""


class City(Record, frozen=True, array_like=True):
    """A city and the region in which it lies (D-180). The name is kept without 市 at its end."""

    name: Annotated[Place, SERVER]
    region: Annotated[Place, SERVER]


class CityRequest(Asked, frozen=True, kw_only=True):
    """POST /v1/desk/cities."""

    id: Id | None = None
    name: Place
    region: Place


ENTITIES: Final = (Entity(34, City, Policy.server, Lane.reference, OfAll()),)
