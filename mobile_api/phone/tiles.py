"""Which pooled customers this phone keeps: the tiles that its user asked for, and those of its customers (P-126)."""

from typing import Final

from geo.nearby import tiles_around, tiles_to_keep
from mobile_api.phone.file import FileShelf
from shared_schema.places import Position
from shared_schema.records.customer import Customer
from shared_schema.registry import BY_RECORD
from shared_schema.wire import TILES_MAX
from sync import device, overlay

_TILES: Final = "tiles"
"""Note of the tiles that the user asked for, the latest last."""


def ask_around(shelf: FileShelf, at: Position) -> None:
    """Ask for the pooled customers around a place too, from the next request on."""
    with shelf.transaction():
        near = tiles_around(at)
        asked = [one for one in _asked(shelf) if one not in near]
        shelf.put_note(_TILES, " ".join(map(str, [*asked, *near][-TILES_MAX:])).encode())


def choose_tiles(shelf: FileShelf) -> bool:
    """Choose the tiles of the next request; whether they are others than before."""
    before = shelf.seat().tiles
    customers = [one for one in overlay.views(shelf, BY_RECORD[Customer]) if isinstance(one, Customer)]
    with shelf.transaction():
        device.keep_tiles(shelf, tiles_to_keep(customers, _asked(shelf)))
    return shelf.seat().tiles != before


def _asked(shelf: FileShelf) -> list[int]:
    return [int(one) for one in (shelf.note(_TILES) or b"").split()]
