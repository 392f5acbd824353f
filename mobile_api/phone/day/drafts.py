"""The entries of a rep on a round, as drafts: a visit with its check-in, a log, a quote with its lines, a next date. Pure."""

from typing import Final

from geo.datum import from_wgs84
from mobile_api.phone.day.entries import Slots
from mobile_api.phone.day.orders import Draft
from shared_schema.places import Datum
from shared_schema.records.activity import Channel

METRE_E6: Final = 9
"""Micro-degrees of latitude in a metre."""
DAY_MS: Final = 86_400_000


def create(entity: str, new_id: bytes, values: Slots) -> Draft:
    """A new record."""
    return Draft("create", entity, new_id.hex(), values)


def patch(entity: str, record: Slots, **values: str | int) -> Draft:
    """An edit of the record on screen; `extra__key` stands for the custom field `extra.key`."""
    return Draft("patch", entity, str(record["id"]), {slot.replace("extra__", "extra."): value for slot, value in values.items()})


def visit(new_id: bytes, shop: Slots, device_ms: int, note: str, datum: Datum, away_m: int = 20) -> Draft:
    """A check-in some metres from the door, in the datum of this phone's map."""
    latitude_e6, longitude_e6 = _number(shop["wgs_latitude_e6"]) + away_m * METRE_E6, _number(shop["wgs_longitude_e6"])
    here = from_wgs84(datum, latitude_e6, longitude_e6)
    evidence: Slots = {"latitude_e6": here.latitude_e6, "longitude_e6": here.longitude_e6, "datum": int(datum), "accuracy_mm": 12_000}
    told: Slots = {"customer_id": shop["id"], "device_ms": device_ms, "fix_ms": device_ms - 4_000, "purpose": "例行拜访", "note": note}
    return create("visit", new_id, {**told, **evidence})


def nowhere(visit: Draft) -> Draft:
    """The check-in of somebody who does not want to say where."""
    measured = ("latitude_e6", "longitude_e6", "datum", "accuracy_mm", "fix_ms")
    return create(visit.entity, bytes.fromhex(visit.id), {slot: value for slot, value in visit.values.items() if slot not in measured})


def contact_log(new_id: bytes, shop: Slots, device_ms: int, note: str) -> Draft:
    """A telephone call."""
    return create("contact_log", new_id, {"customer_id": shop["id"], "device_ms": device_ms, "channel": int(Channel.phone), "note": note})


def follow_up(new_id: bytes, shop: Slots, device_ms: int, purpose: str) -> Draft:
    """The next contact date, a month ahead: none of the days that the clock leaves out reminds anybody of it."""
    return create("follow_up", new_id, {"customer_id": shop["id"], "due_day": device_ms // DAY_MS + 30, "purpose": purpose})


def quote(new_ids: list[bytes], shop: Slots, title: str, goods: list[tuple[Slots, Slots]]) -> list[Draft]:
    """A header and one line for each (product, price), as one group: `new_ids` are the quote's, then the lines'."""
    quote_id = new_ids[0].hex()
    book_id = goods[0][1]["price_book_id"]
    header: Slots = {"customer_id": shop["id"], "currency": "CNY", "price_book_id": book_id, "title": title}
    lines = [_line(line_id, quote_id, shop, at, *good) for at, (line_id, good) in enumerate(zip(new_ids[1:], goods, strict=True))]
    return [create("quote", new_ids[0], header), *lines]


def _line(line_id: bytes, quote_id: str, shop: Slots, at: int, product: Slots, price: Slots) -> Draft:
    told: Slots = {"customer_id": shop["id"], "quote_id": quote_id, "product_id": product["id"], "unit": product["unit"]}
    amounts: Slots = {
        "quantity_thousandths": (at + 2) * 5_000,
        "price_minor": price["price_minor"],
        "list_price_minor": price["price_minor"],
        "discount_bps": 250 * at,
        "tax_bps": product["tax_bps"],
        "position": f"a{at}",
    }
    return create("quote_line", line_id, {**told, **amounts})


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a shop without a position")
    return value
