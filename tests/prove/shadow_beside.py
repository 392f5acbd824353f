"""`pytest -p tests.prove.shadow_beside tests/unit/sync …`: what a test asks of the Python device, the TypeScript one is asked too.

A test in which they differ is red. `OUTRIDER_CLIENT` names another folder of the client's source.
"""

import json
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from shared_schema import text, typescript_table
from shared_schema.records.inbox import InboxItem
from shared_schema.rest import Event
from shared_schema.twin import id_text
from shared_schema.wire import ENCODER, Kind, Mutation
from sync import decisions, sets
from sync.device import Edit
from sync.entered import MisfitError
from sync.shelf import MemoryShelf
from tests.prove.shadow_node import CLIENT, Node, asked, copied, named, told_edit
from tests.prove.shadow_side import Real, Shadow, beside, same, told_event

COUNTS: Counter[str] = Counter()
INSIDE = ExitStack()
SETS = ("changed", "resolved", "distinct", "removing", "inverse", "elements", "renumbered")
TEXTS = ("clean_text", "control_in", "plain", "shown", "typed")


def pytest_configure() -> None:
    """Put the other device beside before the tests are read."""
    other = Node(Path(os.environ.get("OUTRIDER_CLIENT", CLIENT)))
    INSIDE.callback(other.close)
    INSIDE.enter_context(beside(Shadow(other, COUNTS), _more))


def pytest_unconfigure() -> None:
    INSIDE.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"the TypeScript device beside: {dict(sorted(COUNTS.items()))}")


def _more(shadow: Shadow, real: Real) -> Iterator[tuple[Any, Any]]:
    yield from _of_shelves(shadow, real)
    yield from _of_texts(shadow, real)
    for name in SETS:
        yield getattr(sets, name), _set_beside(shadow, name, getattr(sets, name))
    for name in TEXTS:
        yield getattr(text, name), _text_beside(shadow, name, getattr(text, name))


def _of_shelves(shadow: Shadow, real: Real) -> Iterator[tuple[Any, Any]]:
    def using_mine(shelf: MemoryShelf, item: InboxItem) -> list[list[Edit]]:
        groups: list[list[Edit]] = real.use_mine(shelf, item)
        held = copied(shelf)
        held.put_row((decisions.ITEM.number, item.id), ENCODER.encode(item))
        told = shadow.node.ask("mine", id=shadow.known(held).number, ids=[id_text(item.id)])
        same("use mine", [[[told_edit(edit) for edit in group] for group in groups]], told["edits"])
        shadow.counts["use mine"] += 1
        return groups

    def deciding(items: Iterable[InboxItem], command: bytes) -> list[list[Edit]]:
        given = list(items)
        groups: list[list[Edit]] = real.decide_each(given, command)
        shelf = MemoryShelf()
        for item in given:
            shelf.put_row((decisions.ITEM.number, item.id), ENCODER.encode(item))
        question = asked(Edit(Kind.command, decisions.ITEM, bytes(16), command=command))
        if question is not None and question["command"] is not None:
            told = shadow.node.ask("decide", id=shadow.known(shelf).number, command=question["command"]["command"])
            same("decide each", sorted([told_edit(edit) for edit in group] for group in groups), sorted(told["edits"]))
            shadow.counts["decided"] += len(groups)
        return groups

    def taking_back(shelf: MemoryShelf, sent_n: int) -> list[Mutation]:
        held = shadow.known(shelf)
        taken: list[Mutation] = real.take_back(shelf, sent_n)
        told = shadow.node.ask("take_back", id=held.number, sent_n=sent_n)
        numbers = [one.n for one in taken]
        same("take back", [numbers, numbers], [told["newest"], told["taken"]])
        shadow.compare(shelf, held, told, "take back")
        return taken

    yield from ((real.use_mine, using_mine), (real.decide_each, deciding), (real.take_back, taking_back))


def _of_texts(shadow: Shadow, real: Real) -> Iterator[tuple[Any, Any]]:
    def tidying(edit: Edit) -> Edit:
        shadow.tidied(edit, real.tidied)
        return real.tidied(edit)

    def fitting(hints: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, str]:
        shapes = [[name, typescript_table.shape_of(hint)] for name, hint in hints.items()]
        told = shadow.node.ask("fitted", shapes=shapes, values=dict(texts))
        try:
            kept: dict[str, str] = real.fitted_by(hints, texts)
        except MisfitError as error:
            same("fitted", {"misfit": [error.name, error.slot, error.facts]}, told)
            raise
        same("fitted", {"values": kept}, told)
        return kept

    def undoable(events: Iterable[Event], user_id: bytes, now_ms: int) -> list[Event]:
        given = list(events)
        found: list[Event] = real.undoable(given, user_id, now_ms)
        told = shadow.node.ask("undo", events=[told_event(one) for one in given], user_id=id_text(user_id), now_ms=now_ms)
        same("undoable", [next(at for at, one in enumerate(given) if one is event) for event in found], told["undoable"])
        return found

    yield from ((real.tidied, tidying), (real.fitted_by, fitting), (real.undoable, undoable))


def _set_beside(shadow: Shadow, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """A pure function of sets, with its arguments as the other side takes them."""

    def function(*given: Any) -> Any:
        value = real(*given)
        if name == "renumbered":
            given = (*given[:2], sorted(given[2].items()))
        if name == "removing":
            given = (given[1], given[2:])
        told = shadow.node.ask("sets", name=name, given=[named(one) for one in given])["value"]
        same(f"sets.{name}", named(value), json.loads(told))
        shadow.counts["sets"] += 1
        return value

    return function


def _text_beside(shadow: Shadow, name: str, real: Callable[[str], Any]) -> Callable[[str], Any]:
    """A pure function of text. Letters that this Python's Unicode does not know yet have no form here."""
    words = name.split("_")
    there = words[0] + "".join(word.title() for word in words[1:])

    def function(given: str) -> Any:
        value = real(given)
        if shadow.new(name, given) and not any(unicodedata.category(letter) == "Cn" for letter in given):
            same(f"text.{name} of {given!r}", value, shadow.node.ask("text", name=there, given=given)["value"])
            shadow.counts["texts"] += 1
        return value

    return function
