"""The two things on which phone and server must agree about a quote: its totals, and the hash of its content on screen."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from shared_schema.records.base import Record
from shared_schema.records.quote import Quote, QuoteLine
from shared_schema.registry import BY_RECORD
from sync.agreed.money import total

_CANONICAL: Final = msgspec.msgpack.Encoder(order="sorted")


def priced(quote: Quote, lines: Iterable[QuoteLine], *, prices_include_tax: bool) -> Quote:
    """The quote with the totals of these lines (D-303); the very same object when nothing changes."""
    amounts = total(lines, prices_include_tax=prices_include_tax)
    if amounts == (quote.net_minor, quote.tax_minor, quote.gross_minor):
        return quote
    return msgspec.structs.replace(quote, **amounts._asdict())


def content_hash(quote: Quote, lines: Iterable[QuoteLine]) -> bytes:
    """SHA-256 over the slots that people enter in a quote and its lines, the lines by (position, id) (D-310).

    Slots at their default are left out, so that an app which does not know a slot yet agrees as long as nobody used it.
    """
    ordered = sorted(lines, key=lambda line: (line.position, line.id))
    return hashlib.sha256(_CANONICAL.encode([_entered(quote), [_entered(line) for line in ordered]])).digest()


def revision_of(quote: Quote, lines: Iterable[QuoteLine], new_id: bytes) -> tuple[Quote, list[QuoteLine]]:
    """The draft that revises an approved quote, and copies of its lines, all at rev 0 (D-324)."""
    revision = quote.revision + 1
    values = {slot: getattr(quote, slot) for slot in _DEFAULTS[Quote] if slot != "local_number"}
    values |= {"net_minor": quote.net_minor, "tax_minor": quote.tax_minor, "gross_minor": quote.gross_minor}
    label = f"{(quote.number or quote.local_number)[:30]}/{revision}"
    draft = Quote(new_id, 0, **values, local_number=label, revises_id=quote.id, revision=revision)
    return draft, [msgspec.structs.replace(one, id=copied_id(new_id, one.id), rev=0, quote_id=new_id) for one in lines]


def copied_id(new_id: bytes, line_id: bytes) -> bytes:
    """Id of the copy of a line in the revision `new_id`: the same on every phone and on the server."""
    return hashlib.sha256(b"revise" + new_id + line_id).digest()[:16]


def _entered(record: Record) -> dict[str, Any]:
    values = ((slot, getattr(record, slot), default) for slot, default in _DEFAULTS[type(record)].items())
    return {"id": record.id, **{slot: value for slot, value, default in values if value != default}}


def _defaults(record: type[Record]) -> dict[str, Any]:
    """Slots that people enter, with the values that they hold when nobody entered anything."""
    owned = BY_RECORD[record].server_owned
    return {field.name: _default(field) for field in msgspec.structs.fields(record) if field.name not in owned}


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


_DEFAULTS: Final[Mapping[type[Record], dict[str, Any]]] = {record: _defaults(record) for record in (Quote, QuoteLine)}
