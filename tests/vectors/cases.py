"""What a case is: the rule's name, what it is given, and what it gives, as the JSON that TypeScript reads."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from shared_schema.elements import TaggedId, TaggedWord
from shared_schema.twin import to_named

RAISES: Final = "raises"


class Case(NamedTuple):
    """`given`: the arguments by name. `gives`: the answer, or {"raises": true} where the rule refuses its arguments."""

    given: dict[str, Any]
    gives: Any


Cases = Mapping[str, Iterable[Case]]
"""`module:function` of Python → its cases."""
Room = Callable[[], Cases]


def told(value: Any) -> Any:
    """Builtins as the client holds them: ids as uuid text, other bytes as base64url, an element of a set as [element, line, n]."""
    return _flat(to_named(_named(value)))


def _named(value: Any) -> Any:
    """A tuple that names its parts as a map."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    return [_named(part) for part in value] if isinstance(value, (list, tuple)) else value


def _flat(named: Any) -> Any:
    if isinstance(named, list):
        return [_flat(part) for part in named]
    if not isinstance(named, dict):
        return named
    if tuple(named) in (TaggedWord.__struct_fields__, TaggedId.__struct_fields__):
        return [named["element"], named["line_no"], named["n"]]
    return {key: _flat(part) for key, part in named.items()}


def answered(rule: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """What a rule gives for these arguments, or that it raises ValueError."""
    try:
        return told(rule(**given))
    except ValueError:
        return {RAISES: True}


def played(rule: Callable[..., Any], asked: Iterable[Mapping[str, Any]]) -> list[Case]:
    """A case for each set of arguments, by the rule itself."""
    return [Case(told(dict(given)), answered(rule, given)) for given in asked]
