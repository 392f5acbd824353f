"""Places in paths and queries: ids, numbers, filters, and where a page begins."""

import unicodedata
from typing import Any, Final

import msgspec
from litestar import Request

from server.domain.feature import SEARCH, Listing
from server.services.records import Between, Place, Sought
from shared_schema.entity import bare
from shared_schema.problem import Code, Problem
from shared_schema.scalars import WIRE_INTEGER_MAX
from shared_schema.twin import id_bytes, id_text

SEARCH_LETTERS_MAX: Final = 100
_DIGITS_MAX: Final = 16


def id_after(request: Request[Any, Any, Any]) -> bytes | None:
    """Return the id after which the page begins, None = at the start.

    Raises Problem(parameter_wrong).
    """
    return id_in_query(request, "after")


def number_after(request: Request[Any, Any, Any]) -> int:
    """Return the number after which the page begins, 0 = at the start.

    Raises Problem(parameter_wrong).
    """
    return number_in_query(request, "after")


def id_in_path(text: str) -> bytes:
    """Return the id of a path: text that is no uuid names no record.

    Raises Problem(not_found).
    """
    found = id_bytes(text)
    if found is None:
        raise Problem(Code.not_found, "there is no such record")
    return found


def number_in_path(number: int) -> int:
    """Return the number of a path: one that no database can hold names nothing.

    Raises Problem(not_found).
    """
    if not 0 <= number <= WIRE_INTEGER_MAX:
        raise Problem(Code.not_found, "there is no such record")
    return number


def id_in_query(request: Request[Any, Any, Any], name: str) -> bytes | None:
    """Return an optional id of the query.

    Raises Problem(parameter_wrong).
    """
    text = request.query_params.get(name)
    found = None if text is None else id_bytes(text)
    if text is not None and found is None:
        raise Problem(Code.parameter_wrong, f"{name} is a uuid", field=name)
    return found


def number_in_query(request: Request[Any, Any, Any], name: str) -> int:
    """Return an optional number of the query, 0 without one.

    Raises Problem(parameter_wrong).
    """
    text = request.query_params.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX and int(text) <= WIRE_INTEGER_MAX):
        raise Problem(Code.parameter_wrong, f"{name} is a number", field=name)
    return int(text)


def filters_in_query(request: Request[Any, Any, Any], listing: Listing) -> dict[str, object]:
    """Return the filters of a list that are asked for: slot → the value that it must hold, or between which it must lie;
    and the text that is looked for.

    Raises Problem(parameter_wrong).
    """
    texts = {slot: request.query_params[slot] for slot in listing.filters if slot in request.query_params}
    chosen = {slot: _value(slot, text, listing.entity.hints[slot]) for slot, text in texts.items()}
    if listing.newest is not None and any(name in request.query_params for name in listing.bounds):
        chosen[listing.newest] = Between(*(_bound_in_query(request, name) for name in listing.bounds))
    return chosen | _sought_in_query(request, listing)


def _bound_in_query(request: Request[Any, Any, Any], name: str) -> int | None:
    return number_in_query(request, name) if name in request.query_params else None


def _sought_in_query(request: Request[Any, Any, Any], listing: Listing) -> dict[str, object]:
    text = unicodedata.normalize("NFC", request.query_params.get(SEARCH, "")).strip() if listing.sought else ""
    if len(text) > SEARCH_LETTERS_MAX or "\0" in text:
        raise Problem(Code.parameter_wrong, f"at most {SEARCH_LETTERS_MAX} letters are looked for", field=SEARCH)
    return {SEARCH: Sought(listing.sought, text)} if text else {}


def place_in_query(request: Request[Any, Any, Any], listing: Listing) -> Place | None:
    """Return the place behind which a page of a list begins, None = at the start.

    Raises Problem(parameter_wrong).
    """
    if listing.newest is None:
        found = id_after(request)
        return Place(found) if found is not None else None
    text = request.query_params.get("after")
    if text is None:
        return None
    number, _, last = text.partition(".")
    value, found = _value("after", number, listing.entity.hints[listing.newest]), id_bytes(last)
    if found is None or not isinstance(value, int):
        raise Problem(Code.parameter_wrong, "after is what the page before said", field="after")
    return Place(found, value)


def place_told(place: Place | None, listing: Listing) -> bytes | str | None:
    """Tell where the next page begins, as the request for it says it."""
    if place is None or listing.newest is None:
        return place.id if place is not None else None
    return f"{place.value}.{id_text(place.id)}"


def _value(name: str, text: str, hint: Any) -> object:
    """The value of a field that stands as a text in a query. Raises Problem(parameter_wrong)."""
    try:
        found = id_bytes(text) if bare(hint)[0] is bytes else msgspec.convert(text, hint, strict=False)
    except msgspec.ValidationError:
        found = None
    if found is None:
        raise Problem(Code.parameter_wrong, f"{name} is not a value that this field may hold", field=name)
    return found
