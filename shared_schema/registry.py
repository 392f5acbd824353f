"""The nouns that sync, a line each, and the entities by number, name and record."""

from collections.abc import Mapping
from typing import Final

from shared_schema.entity import Entity
from shared_schema.policy import InTile
from shared_schema.records import (
    activity,
    archival,
    assignment,
    contest,
    contribution,
    customer,
    customer_lock,
    duplicate,
    extension,
    hold,
    inbox,
    instruction,
    notification,
    order,
    placing,
    pool,
    quote,
    reclaim,
    reference,
    region,
    sample,
    team,
    tier_policy,
    whereabouts,
)
from shared_schema.records.base import Command, Record

NOUNS: Final[tuple[tuple[Entity, ...], ...]] = (
    customer.ENTITIES,
    activity.ENTITIES,
    sample.ENTITIES,
    quote.ENTITIES,
    inbox.ENTITIES,
    contribution.ENTITIES,
    team.ENTITIES,
    pool.ENTITIES,
    reclaim.ENTITIES,
    contest.ENTITIES,
    archival.ENTITIES,
    placing.ENTITIES,
    instruction.ENTITIES,
    notification.ENTITIES,
    reference.ENTITIES,
    region.ENTITIES,
    assignment.ENTITIES,
    duplicate.ENTITIES,
    extension.ENTITIES,
    customer_lock.ENTITIES,
    order.ENTITIES,
    hold.ENTITIES,
    whereabouts.ENTITIES,
    tier_policy.ENTITIES,
)
ENTITIES: Final = tuple(sorted((entity for noun in NOUNS for entity in noun), key=lambda entity: entity.number))
COMMANDS: Final[tuple[type[Command], ...]] = tuple(command for entity in ENTITIES for command in entity.commands.values())
"""The requests about a record, of each entity."""
BY_NUMBER: Final = {entity.number: entity for entity in ENTITIES}
BY_NAME: Final = {entity.name: entity for entity in ENTITIES}
BY_RECORD: Final[Mapping[type[Record], Entity]] = {entity.record: entity for entity in ENTITIES}
FAMILY: Final = tuple(entity for entity in ENTITIES if entity.in_family)
"""The ownership graph: everything that moves with a customer."""
TILES: Final = next(entity.hold for entity in ENTITIES if isinstance(entity.hold, InTile))
CARD: Final = next(entity for entity in ENTITIES if entity.hold is TILES)
"""The cards that stand in tiles, in place of a customer that nobody follows up."""
PLACE: Final = BY_NAME[TILES.of]
"""The records to which these tiles belong."""
