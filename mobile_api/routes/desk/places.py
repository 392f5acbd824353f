"""Places in paths and queries: ids, numbers, and where a page begins."""

from typing import Any, Final

from litestar import Request

from shared_schema.problem import Code, Problem
from shared_schema.scalars import WIRE_INTEGER_MAX
from shared_schema.twin import id_bytes

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
    """Return the id of a path: what is no uuid names no record.

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
