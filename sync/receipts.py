"""The receipts that a device gives by itself: it holds a record that its user should have (P-630). Pure over a shelf."""

from typing import Final

from shared_schema.registry import ENTITIES
from shared_schema.wire import ENCODER, Kind, Result
from sync.device import Edit
from sync.overlay import understood
from sync.shelf import Shelf
from sync.state import Key

RECEIVED: Final = tuple((entity, *entity.receiving) for entity in ENTITIES if entity.receiving is not None)


def due(shelf: Shelf) -> list[Edit]:
    """The receipts to enter now, each an act of its own: of rows that name the user, whose state does not say it yet, nor an entry."""
    user_id, said = shelf.seat().user_id, _said(shelf)
    return [
        Edit(Kind.command, entity, record_id, command=ENCODER.encode(receiving.says()))
        for entity, slot, receiving in RECEIVED
        for record_id, body in shelf.rows(entity.number)
        if (entity.number, record_id) not in said
        and getattr(record := entity.read(body), receiving.reader) == user_id
        and getattr(record, slot) < receiving.until
    ]


def _said(shelf: Shelf) -> set[Key]:
    """The records of which an entry on this device gives the receipt already: it is on its way, or the server refused it. One that took
    effect before was of an earlier round, if the record does not say so."""
    said = tuple(receiving.says for _, _, receiving in RECEIVED)
    waits = [one for one in shelf.pendings() if one.outcome is None or one.overlay or one.outcome.result == Result.rejected]
    found = [understood(one.raw) for one in waits]
    return {(one.entity.number, one.mutation.id) for one in found if one is not None and isinstance(one.command, said)}
