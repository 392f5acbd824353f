"""What the oracles of the simulator must not cry about: histories in which all is well."""

from collections import Counter

from shared_schema.wire import Kind, SyncRequest
from sync.admission import Line, Told, admit, numbered
from sync.rules import Moment
from tests.prove import handed, server, watch
from tests.prove.server import Push
from tests.prove.watch import Turn
from tests.unit.sync.core import NOW_MS, Core


def turn(core: Core, who: str, *raws: bytes) -> Turn:
    """One request of a phone, as the oracles get it."""
    before, sent = core.store.copy(), numbered(raws)
    groups = admit(sent, Line(sent[0].n - 1, 0), Told(0, True), {}).groups
    folded, _ = server.take(core.store, core.actor(who), groups, Moment(NOW_MS))
    request = SyncRequest(1, 1, "test", b"", 0, NOW_MS, [])
    return Turn(before, core.store, core.lines[who], request, Push([], 0, 0, None, groups, folded), NOW_MS, 0)


def test_a_quote_that_got_a_line_and_then_the_same_title_has_no_history() -> None:
    """P-403, D-304: the line moved the totals, and so the rev of the quote; the title changed nothing."""
    core, quote_id = Core(), b"q" * 16
    core.create("ann", "quote", quote_id, customer_id=core.customer_id, currency="CNY", title="Spring")
    seen = core.record("quote", quote_id).rev
    values = {"customer_id": core.customer_id, "quote_id": quote_id, "product_id": bytes(16), "unit": "box", "price_minor": 5}
    line = core.entry("ann", Kind.create, "quote_line", core.new_id(), {**values, "quantity_thousandths": 1_000})
    same = core.entry("ann", Kind.patch, "quote", quote_id, {"title": "Spring"}, {"title": seen})
    watch._cards(turn(core, "ann", line, same), Counter())
    assert core.record("quote", quote_id).rev > seen


def test_a_card_may_go_up_while_its_author_holds_the_customer_for_a_moment() -> None:
    """P-531: claimed, sent up and released in one request."""
    core = Core()
    base = core.customer.rev
    core.patch("bo", base, phone="theirs")
    core.patch("ann", base, phone="mine")
    (card,) = core.items("ann")
    pool_id, epoch = core.pool(), core.record("standing", core.customer_id).epoch
    core.command("ann", "standing", core.customer_id, command="release", pool_id=pool_id, epoch=epoch)
    seen = turn(
        core, "ann",
        core.entry("ann", Kind.command, "pool_card", core.customer_id, {"command": "claim", "epoch": epoch + 1}),
        core.entry("ann", Kind.command, "inbox_item", card.id, {"command": "send_to_manager"}),
        core.entry("ann", Kind.command, "standing", core.customer_id, {"command": "release", "pool_id": pool_id, "epoch": epoch + 2}),
    )  # fmt: skip
    counts: Counter[str] = Counter()
    handed.push_holds(seen, counts)
    assert counts[handed.SENT] == 1
