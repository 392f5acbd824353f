"""Where a page of a desk list begins: the query parameter `after`."""

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
    text = request.query_params.get("after")
    if text is None:
        return None
    found = id_bytes(text)
    if found is None:
        raise Problem(Code.parameter_wrong, "after is a uuid", field="after")
    return found


def number_after(request: Request[Any, Any, Any]) -> int:
    """Return the number after which the page begins, 0 = at the start.

    Raises Problem(parameter_wrong).
    """
    text = request.query_params.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX and int(text) <= WIRE_INTEGER_MAX):
        raise Problem(Code.parameter_wrong, "after is a number", field="after")
    return int(text)
