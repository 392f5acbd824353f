"""Quotes: managers decide them, by phone and at the desk, and reps revise what was approved. That a quote and its lines are entered as one
group, and submitted, is the core's matter (`tests/prove/entries.py`)."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec
import sqlalchemy as sa

from server.database import Database
from server.domain.desk import VERB_OF
from server.services.act import act
from shared_schema.problem import Code
from shared_schema.records.inbox import Value
from shared_schema.records.quote import Approve, DecideQuote, Quote, QuoteLine, QuoteStatus, Reject, ReturnQuote, Revise, Submit
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NAME
from shared_schema.wire import ENCODER, Kind, Result
from sync import overlay
from sync.agreed.quotes import content_hash, copied_id, priced
from sync.device import Edit
from sync.shelf import Shelf
from tests.prove import desk, entries
from tests.prove.crash_listed import Operation, Run, sending
from tests.prove.crash_rows import every
from tests.prove.crash_stage import Scene, Stage
from tests.prove.handset import Handset
from tests.prove.history import History
from tests.prove.moves import at_desk
from tests.prove.proof import CANARY, Author, Proof
from tests.world import Phone

QUOTE: Final = BY_NAME["quote"]
WRONG_SHARE: Final = 0.2
"""How often a decision names another content than that of the quote."""
STALE_SHARE: Final = 0.15
"""How often the desk decides about a content that is gone."""
HURRY_SHARE: Final = 0.5
STATE_WRONG: Final = frozenset({Code.state_wrong})
Decision = Literal["approve", "reject", "return_quote"]
DECISIONS: Final[Mapping[str, Decision]] = {"approve": "approve", "reject": "reject", "return": "return_quote"}


def quote_through(history: History, phone: Handset) -> bool:
    """A quote on the screen is submitted and decided while everybody else works on; some look at content that is no more."""
    if phone.shelf.seat().forked or not (phone.shown("quote") or entries.create_quote(history, phone)):
        return False
    quote = history.dice.choice([one for one in phone.shown("quote") if isinstance(one, Quote)])
    if quote.status in (QuoteStatus.draft, QuoteStatus.returned):
        _command(history, phone, quote.id, Submit(_hash_on(phone, quote), quote.status))
        history.sync(phone)
    return decide(history, phone)


def decide(history: History, phone: Handset) -> bool:
    """Two managers look at a quote by REST at the same time; each decides as he likes."""
    managers = [one for one in history.handsets if one.user.role == Role.manager]
    waiting = [
        held.record
        for held in history.store.records.values()
        if isinstance(held.record, Quote) and (held.record.status is QuoteStatus.submitted or history.dice.random() < WRONG_SHARE)
    ]
    if not managers or not waiting:
        return False
    quote = history.dice.choice(sorted(waiting, key=lambda one: one.id))
    lines = [
        held.record for held in history.store.records.values() if isinstance(held.record, QuoteLine) and held.record.quote_id == quote.id
    ]
    shown = content_hash(quote, lines) if history.dice.random() > WRONG_SHARE else bytes(32)
    manager = history.dice.choice(managers)
    for command in history.dice.sample([Approve, Approve, Approve, Reject, ReturnQuote], 2):
        _command(history, manager, quote.id, command(shown))
    if not manager.shelf.seat().forked:
        history.sync(manager)
    return True


def revise(history: History, phone: Handset) -> bool:
    """Fork an approved quote on the screen, and submit the revision now and then."""
    if phone.shelf.seat().forked:
        return False
    quote_through(history, phone)
    history.sync(phone)
    found = [one for one in phone.shown("quote") if isinstance(one, Quote) and one.status is QuoteStatus.approved]
    if not found:
        return False
    quote = history.dice.choice(found)
    _command(history, phone, quote.id, Revise(history.new_id(), _hash_on(phone, quote)))
    if history.dice.random() < HURRY_SHARE:
        history.sync(phone)
        quote_through(history, phone)
    return True


def _hash_on(phone: Handset, quote: Quote) -> bytes:
    lines = [one for one in phone.shown("quote_line") if isinstance(one, QuoteLine) and one.quote_id == quote.id]
    return content_hash(quote, lines)


def _command(history: History, phone: Handset, quote_id: bytes, command: object) -> None:
    phone.enter([Edit(Kind.command, QUOTE, quote_id, command=ENCODER.encode(command))], None, history.now_ms)


def decide_at_desk(history: History, _: Handset) -> bool:
    """The director decides about a quote as it stands, or about another."""
    quotes = [one.record for one in history.store.records.values() if isinstance(one.record, Quote)]
    waiting = [one for one in quotes if one.status == QuoteStatus.submitted] or quotes
    if not waiting:
        return False
    quote = history.dice.choice(waiting)
    stale = history.dice.random() < STALE_SHARE
    lines = [one.record for one in history.store.records.values() if isinstance(one.record, QuoteLine) and one.record.quote_id == quote.id]
    shown = bytes(32) if stale else content_hash(quote, lines)
    decision = history.dice.choice(("approve", "approve", "reject", "return_quote"))
    return at_desk(history, desk.ask, msgspec.convert({"quote_id": quote.id, "decision": decision, "content_hash": shown}, DecideQuote))


async def prepare(stage: Stage, reps: Mapping[str, Phone]) -> None:
    """A submitted quote, and an approved one which its author is about to revise."""
    rep = reps["cy"]
    shop_id = rep.create("customer", name="Shop of quotes")
    for name in ("submitted", "approved"):
        stage.ids[name] = await _submitted(rep, shop_id, name)
        stage.ids[f"{name} hash"] = _hash(rep, stage.ids[name])
    approve = DecideQuote(stage.ids["approved"], "approve", stage.ids["approved hash"], "as agreed")
    await stage.world.database.write(act, stage.manager.claims, approve, stage.world.now_ms)
    revise = Revise(next(stage.world.ids), stage.ids["approved hash"])
    await stage.about_to("revise", rep.user_id, lambda phone: phone.command("quote", stage.ids["approved"], revise))


async def _submitted(rep: Phone, shop_id: bytes, name: str) -> bytes:
    """Its id differs from others at once, as real ones do: a notice names the first half of it."""
    quote_id = hashlib.sha256(name.encode()).digest()[:16]
    edits = [Edit(Kind.create, BY_NAME["quote"], quote_id, {"customer_id": shop_id, "currency": "CNY"})]
    for price in (100, 200):
        of: dict[str, Value] = {"customer_id": shop_id, "quote_id": quote_id, "product_id": bytes(16), "unit": "box"}
        amount: dict[str, Value] = {"quantity_thousandths": 1_000, "price_minor": price, "position": str(price)}
        edits.append(Edit(Kind.create, BY_NAME["quote_line"], copied_id(quote_id, price.to_bytes(16)), {**of, **amount}))
    rep.enter(*edits)
    await rep.sync()
    rep.command("quote", quote_id, Submit(_hash(rep, quote_id)))
    await rep.sync()
    return quote_id


def _hash(phone: Phone, quote_id: bytes) -> bytes:
    """Of the quote on screen."""
    shown = phone.view("quote", quote_id)
    assert isinstance(shown, Quote)
    lines = [one for one in overlay.views(phone.shelf, BY_NAME["quote_line"]) if isinstance(one, QuoteLine) and one.quote_id == quote_id]
    return content_hash(shown, lines)


def agree(conn: sa.Connection, org_id: int) -> Iterator[str]:
    """A quote has the totals of its lines; one that was decided says who did; what is no draft has lines."""
    quotes: dict[bytes, Quote] = {one.id: one for one in every(conn, org_id, Quote)}
    lines: dict[bytes, list[QuoteLine]] = {}
    for line in every(conn, org_id, QuoteLine):
        lines.setdefault(line.quote_id, []).append(line)
    for quote in quotes.values():
        mine = lines.get(quote.id, [])
        if priced(quote, mine, prices_include_tax=False) is not quote:
            yield f"quote {quote.id.hex()}: its totals are not those of its lines"
        if (quote.status in (QuoteStatus.approved, QuoteStatus.rejected, QuoteStatus.returned)) != (quote.decided_by_id is not None):
            yield f"quote {quote.id.hex()}: {quote.status.name}, decided by {quote.decided_by_id!r}"
        if quote.status != QuoteStatus.draft and not mine:
            yield f"quote {quote.id.hex()}: {quote.status.name}, and without lines"


def deciding(decision: Decision) -> Run:
    """By REST, about what was on the manager's screen."""

    async def decided(database: Database, scene: Scene) -> object:
        asked = DecideQuote(scene.ids["submitted"], decision, scene.ids["submitted hash"], "as agreed")
        return await database.write(act, scene.claims["manager"], asked, scene.now_ms)

    return decided


def canary(author: Author) -> None:
    """A quote of the author's and its line."""
    of = {"customer_id": author.raw_id("customer")}
    author.enter(Kind.create, "quote", {**of, "currency": "CNY", "local_number": CANARY, "title": CANARY, "note": CANARY})
    amount = {"product_id": author.raw_id("product"), "quantity_thousandths": 1000, "price_minor": 5}
    author.enter(Kind.create, "quote_line", {**of, **amount, "quote_id": author.raw_id("quote"), "unit": CANARY, "note": CANARY})


def computed(shelf: Shelf) -> list[tuple[bytes, bytes]]:
    """The content hash of each quote on the screens."""
    lines = [one for one in overlay.views(shelf, BY_NAME["quote_line"]) if isinstance(one, QuoteLine)]
    quotes = [one for one in overlay.views(shelf, BY_NAME["quote"]) if isinstance(one, Quote)]
    return [(one.id, content_hash(one, [line for line in lines if line.quote_id == one.id])) for one in quotes]


PROOF: Final = Proof(
    actions={quote_through: 3, decide: 1, revise: 2, decide_at_desk: 3},
    operations=(
        Operation("revise a quote", sending("revise"), same=True, results=frozenset({Result.applied}), touches=("quote", "quote_line")),
        *(
            Operation(f"{words} a quote at the desk", deciding(decision), again=STATE_WRONG, touches=("quote", "notification", "push"))
            for words, decision in DECISIONS.items()
        ),
    ),
    computed=computed,
    prepare=prepare,
    agree=agree,
    canary=canary,
    shown=("quote", "quote_line"),
    attacks=(
        {"command": "submit", "content_hash": bytes(32)},
        *({"command": name, "content_hash": bytes(32)} for name in ("approve", "reject", "return_quote")),
        {"command": "revise", "new_id": b"r" * 16, "content_hash": bytes(32)},
    ),
    asks={VERB_OF[DecideQuote].path: lambda _: {"decision": "approve", "content_hash": "A" * 43}},
)
