"""The TypeScript device beside the Python one: each function of the device asks the other too, and whatever differs is a Difference."""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary, finalize

from msgspec import Struct

from shared_schema.problem import Problem
from shared_schema.records.inbox import ItemState
from shared_schema.registry import BY_NUMBER
from shared_schema.rest import Event
from shared_schema.twin import id_text, to_named
from shared_schema.wire import ENCODER, MUTATION_DECODER, PAGE_BYTES, Mutation, SyncAnswer, SyncRequest
from sync import decisions, decode, device, entered, receipts, undo, unsent
from sync.decode import Intent
from sync.device import Edit
from sync.overlay import is_quiet
from sync.shelf import MemoryShelf
from tests.prove.shadow_node import (
    Difference,
    Node,
    Told,
    again,
    asked,
    canonical,
    copied,
    fingerprint,
    named,
    screens,
    state,
    told_edit,
    told_intent,
)

F = TypeVar("F", bound=Callable[..., Any])
OURS: Final = ("sync", "shared_schema", "server", "mobile_api", "tests")
REFUSED_SHARE: Final = 4
"""Of every so many probes of taking back, one says that the entry was sent."""
NEAR: Final = 200
"""Letters shown on both sides of a difference."""
SEEN_MAX: Final = 200_000


class Held(Struct):
    """A shelf over there: its number, and the fingerprint of this one when both were compared last."""

    number: int
    fingerprint: bytes = b""


class Shadow:
    """Both devices, and how often they were compared."""

    def __init__(self, node: Node, counts: Counter[str]) -> None:
        self.node = node
        self.counts = counts
        self.held: WeakKeyDictionary[MemoryShelf, Held] = WeakKeyDictionary()
        self.dead: list[int] = []
        self.number = 0
        self.seen: set[object] = set()

    def known(self, shelf: MemoryShelf) -> Held:
        """The shelf over there; loaded again when this one changed by other means, as a phone that is killed does."""
        while self.dead:
            self.node.ask("forget", id=self.dead.pop())
        now = fingerprint(shelf)
        held = self.held.get(shelf)
        if held is None:
            held = self.held[shelf] = Held(self.new_number())
            finalize(shelf, self.dead.append, held.number)
        if held.fingerprint != now:
            self.node.ask("load", id=held.number, state=state(shelf, exact=True))
            held.fingerprint = now
        return held

    def new_number(self) -> int:
        self.number += 1
        return self.number

    def compare(self, shelf: MemoryShelf, held: Held, told: Told, what: str) -> None:
        """After both did the same: the shelf and all screens. Raises Difference."""
        mine = canonical(state(shelf, exact=False))
        held.fingerprint = fingerprint(shelf)
        if told["state"] != _digest(mine):
            differ(what, mine, self.node.ask("dump", id=held.number)["text"])
        drawn = screens(shelf)
        if told["screens"] != _digest(drawn):
            differ(f"screens after {what}", drawn, self.node.ask("screens", id=held.number)["text"])
        self.counts["screens"] += 1

    def new(self, *question: object) -> bool:
        """Whether a pure question was not asked before."""
        if question in self.seen or len(self.seen) > SEEN_MAX:
            return False
        self.seen.add(question)
        return True

    def cards(self, shelf: MemoryShelf, use_mine: Callable[..., Any]) -> None:
        """What "use mine" would enter, of each open card."""
        inbox = [item for item in decisions.inbox(shelf) if all(one.entity in BY_NUMBER for one in item.members)]
        items = [item for item in inbox if item.state == ItemState.open]
        if not items:
            return
        mine = [[[told_edit(edit) for edit in group] for group in use_mine(shelf, item)] for item in items]
        told = self.node.ask("mine", id=self.known(shelf).number, ids=[id_text(item.id) for item in items])
        same("use mine", mine, told["edits"])
        self.counts["use mine"] += len(items)

    def taken_back(self, shelf: MemoryShelf, take_back: Callable[..., Any]) -> None:
        """Taking back the newest group, on a copy."""
        pendings = shelf.pendings()
        if not pendings:
            return
        last_n = pendings[-1].n
        entered_last = next((one for one in reversed(pendings) if not is_quiet(one.raw)), pendings[-1])
        sent_n = last_n if last_n % REFUSED_SHARE == 0 else MUTATION_DECODER.decode(entered_last.raw).group.first_n - 1
        held = Held(self.new_number())
        told = self.node.ask("take_back", id=self.known(shelf).number, copied=held.number, sent_n=sent_n)
        copy = copied(shelf)
        taken = [one.n for one in take_back(copy, sent_n)]
        same("take back", [taken, taken], [told["newest"], told["taken"]])
        self.compare(copy, held, told, "take back")
        self.dead.append(held.number)
        self.counts["taken back"] += 1

    def tidied(self, edit: Edit, tidied: Callable[[Edit], Edit]) -> None:
        """The texts of an edit as they are kept, or its misfit."""
        question = asked(edit)
        if question is None:
            return
        told = self.node.ask("tidied", edits=[question])
        try:
            mine: Told = {"edits": [told_edit(tidied(edit))]}
        except entered.MisfitError as error:
            mine = {"misfit": [error.name, error.slot, error.facts]}
        same("tidied", mine, told)
        self.counts["tidied"] += 1


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def differ(what: str, mine: str, theirs: str) -> None:
    """Raises Difference, with the words around the first letter that differs."""
    at = next((at for at, (one, other) in enumerate(zip(mine, theirs, strict=False)) if one != other), min(len(mine), len(theirs)))
    near = slice(max(0, at - NEAR), at + NEAR)
    raise Difference(f"{what}, letter {at}:\n  python     …{mine[near]}\n  typescript …{theirs[near]}")


def same(what: str, mine: object, theirs: object) -> None:
    """Raises Difference unless both are the same."""
    if canonical(mine) != canonical(theirs):
        differ(what, canonical(mine), canonical(theirs))


# in the place of the functions


def _exchanges(shadow: Shadow, real: Any) -> Iterator[tuple[Any, Any]]:
    """Functions of what goes to the server and comes from it, with those that ask both."""
    enter, request, apply = device.enter, device.request, device.apply

    def entering(shelf: MemoryShelf, edits: Sequence[Edit], device_ms: int) -> list[int]:
        for edit in edits:
            shadow.tidied(edit, real.tidied)
        held = shadow.known(shelf)
        given = enter(shelf, edits, device_ms)
        told_edits = [asked(one) for one in edits]
        if None in told_edits:
            return given
        told = shadow.node.ask("enter", id=held.number, edits=told_edits, device_ms=device_ms)
        same("enter", given, told["numbers"])
        shadow.compare(shelf, held, told, "enter")
        shadow.taken_back(shelf, real.take_back)
        shadow.counts["entries"] += len(given)
        return given

    def requesting(shelf: MemoryShelf, device_ms: int, app: str, page_bytes: int = PAGE_BYTES) -> SyncRequest:
        held = shadow.known(shelf)
        question = request(shelf, device_ms, app, page_bytes)
        told = shadow.node.ask("request", id=held.number, device_ms=device_ms, app=app, page_bytes=page_bytes)
        same("request", again(ENCODER.encode(question)), again(bytes.fromhex(told["bytes"])))
        shadow.counts["requests"] += 1
        return question

    def applying(shelf: MemoryShelf, answer: SyncAnswer) -> bool:
        held = shadow.known(shelf)
        taken = apply(shelf, answer)
        told = shadow.node.ask("apply", id=held.number, answer=ENCODER.encode(answer).hex())
        same("apply", taken, told["applied"])
        shadow.compare(shelf, held, told, "apply")
        shadow.cards(shelf, real.use_mine)
        shadow.counts["answers"] += 1
        return taken

    yield from ((enter, entering), (request, requesting), (apply, applying))


def _lines(shadow: Shadow) -> Iterator[tuple[Any, Any]]:
    """Functions of the line, its tiles and the receipts that it owes, with those that ask both."""
    take_new_line, keep_tiles, due = device.take_new_line, device.keep_tiles, receipts.due

    def taking_new_line(shelf: MemoryShelf, org_id: int, user_id: bytes, line_no: int) -> None:
        held = shadow.known(shelf)
        take_new_line(shelf, org_id, user_id, line_no)
        told = shadow.node.ask("line", id=held.number, org_id=org_id, user_id=id_text(user_id), line_no=line_no)
        shadow.compare(shelf, held, told, "new line")
        shadow.counts["new lines"] += 1

    def keeping_tiles(shelf: MemoryShelf, tiles: tuple[int, ...]) -> None:
        held = shadow.known(shelf)
        keep_tiles(shelf, tiles)
        shadow.compare(shelf, held, shadow.node.ask("tiles", id=held.number, tiles=list(tiles)), "tiles")

    def owing(shelf: MemoryShelf) -> list[Edit]:
        held = shadow.known(shelf)
        owed = due(shelf)
        same("receipts", [told_edit(edit) for edit in owed], shadow.node.ask("due", id=held.number)["edits"])
        shadow.counts["receipts"] += len(owed)
        return owed

    yield from ((take_new_line, taking_new_line), (keep_tiles, keeping_tiles), (due, owing))


def _meanings(shadow: Shadow, real: Any) -> Iterator[tuple[Any, Any]]:
    """Functions that say what an entry, or a line of a history, means."""

    def understanding(mutation: Mutation) -> Intent:
        raw = ENCODER.encode(mutation)
        if not shadow.new("understand", raw):
            return real.understand(mutation)  # type: ignore[no-any-return]
        told = shadow.node.ask("understand", raw=raw.hex())["intent"]
        shadow.counts["meanings"] += 1
        try:
            intent = real.understand(mutation)
        except Problem:
            same(f"understand {raw.hex()}", None, told)
            raise
        same(f"understand {raw.hex()}", told_intent(intent), told)
        return intent  # type: ignore[no-any-return]

    def undoing(event: Event) -> Edit | None:
        edit: Edit | None = real.undo_of(event)
        told = shadow.node.ask("undo", events=[told_event(event)], user_id="", now_ms=0)
        same("undo", [told_edit(edit) if edit is not None else None], told["edits"])
        shadow.counts["undos"] += 1
        return edit

    yield from ((real.understand, understanding), (real.undo_of, undoing))


def told_event(event: Event) -> Told:
    """A line of a history, as the app reads it."""
    return {**to_named(event), "values": named(event.values), "before": named(event.before)}


class Real:
    """The Python functions as they are."""

    def __init__(self) -> None:
        self.tidied, self.fitted_by = entered.tidied, entered.fitted_by
        self.take_back, self.use_mine, self.decide_each = unsent.take_back, decisions.use_mine, decisions.decide_each
        self.understand, self.undo_of, self.undoable = decode.understand, undo.undo_of, undo.undoable


@contextmanager
def beside(shadow: Shadow, more: Callable[[Shadow, Real], Iterator[tuple[Any, Any]]] | None = None) -> Iterator[None]:
    """Put the other device beside this one, and take it away again. `more`: further functions, with those that ask both."""
    real = Real()
    pairs = [*_exchanges(shadow, real), *_lines(shadow), *_meanings(shadow, real), *(more(shadow, real) if more is not None else ())]
    turned = [_put(function, _only_memory(function, asking)) for function, asking in pairs]
    try:
        yield
    finally:
        for back in reversed(turned):
            back()


def _only_memory(function: F, asking: Any) -> F:
    """A phone's file is no shelf that the other side can be given."""

    def either(first: Any, *rest: Any, **named_rest: Any) -> Any:
        plain = hasattr(first, "put_seat") and not isinstance(first, MemoryShelf)
        return (function if plain else asking)(first, *rest, **named_rest)

    return either  # type: ignore[return-value]


def _put(function: Any, asking: Any) -> Callable[[], None]:
    """Put a function in the place of another, wherever a module of ours names it; what it answers puts the other back."""
    found = [
        (module, name)
        for key, module in list(sys.modules.items())
        if key.partition(".")[0] in OURS
        for name, value in list(vars(module).items())
        if value is function
    ]

    def back() -> None:
        for module, name in found:
            setattr(module, name, function)

    for module, name in found:
        setattr(module, name, asking)
    return back
