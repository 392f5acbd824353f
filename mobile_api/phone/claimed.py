"""The name of a customer on its pool card when this phone claimed it: no other trace of a lost claim names it.

Only this phone knows the name: the server's card must not tell which user took the customer, nor its name since (P-127, P-504).
"""

from typing import Final

import msgspec

from mobile_api.phone.file import FileShelf

CLAIMED_MAX: Final = 200
"""Names kept, the newest."""
_CLAIMED: Final = "claimed"
_DECODE: Final = msgspec.msgpack.Decoder(dict[bytes, str])


def remember(shelf: FileShelf, customer_id: bytes, name: str) -> None:
    """Keep the name that is on the screen."""
    with shelf.transaction():
        known = {key: kept for key, kept in _known(shelf).items() if key != customer_id} | {customer_id: name}
        shelf.put_note(_CLAIMED, msgspec.msgpack.encode(dict(list(known.items())[-CLAIMED_MAX:])))


def claimed_name(shelf: FileShelf, customer_id: bytes) -> str | None:
    """The customer's name when it was claimed here; None when this phone does not know."""
    return _known(shelf).get(customer_id)


def _known(shelf: FileShelf) -> dict[bytes, str]:
    body = shelf.note(_CLAIMED)
    return _DECODE.decode(body) if body is not None else {}
