"""What phone and server agree on about a quote: its hash and its revision (D-303, D-310, D-324)."""

from msgspec.structs import replace

from shared_schema.records.quote import Quote, QuoteLine
from sync.agreed.quotes import content_hash, copied_id, priced, revision_of
from tests.unit.device_world import key

QUOTE = Quote(key(1), 4, key(2), "EUR", "draft 7", title="Spring", number="A-12", net_minor=10, tax_minor=2, gross_minor=12, revision=2)
FIRST = QuoteLine(key(4), 3, key(2), key(1), key(5), "box", 1_000, 10, tax_bps=2_000, position="a")
SECOND = replace(FIRST, id=key(3), position="b")


def test_the_order_of_lines_on_screen_counts_not_how_they_are_held() -> None:
    """D-310: by position, then id; whatever the server owns, and revs, do not count."""
    told = content_hash(QUOTE, [FIRST, SECOND])
    assert content_hash(replace(QUOTE, rev=9, net_minor=99, number="B"), [SECOND, replace(FIRST, rev=8)]) == told
    assert content_hash(QUOTE, [replace(FIRST, position="b"), replace(SECOND, position="a")]) != told
    alike = [replace(FIRST, position=""), replace(SECOND, position="")]
    assert content_hash(QUOTE, alike) == content_hash(QUOTE, alike[::-1])
    assert content_hash(QUOTE, [FIRST]) != told
    assert content_hash(replace(QUOTE, title=""), [FIRST, SECOND]) != told


def test_a_revision_is_a_draft_with_copies_of_the_lines() -> None:
    """D-324: what people entered and the totals; status, number and rev begin anew."""
    draft, lines = revision_of(QUOTE, [FIRST, SECOND], key(8))
    assert (draft.id, draft.rev, draft.revises_id, draft.revision, draft.local_number) == (key(8), 0, key(1), 3, "A-12/3")
    assert (draft.title, draft.customer_id, draft.number, draft.net_minor, draft.tax_minor, draft.gross_minor) == (
        "Spring", key(2), "", 10, 2, 12,
    )  # fmt: skip
    assert lines == [replace(one, id=copied_id(key(8), one.id), rev=0, quote_id=key(8)) for one in (FIRST, SECOND)]
    assert len({copied_id(key(8), key(4)), copied_id(key(8), key(3)), copied_id(key(9), key(4))}) == 3
    assert len(copied_id(key(8), key(4))) == 16


def test_a_revision_is_named_after_the_number_or_the_local_one() -> None:
    """D-324: at most 30 letters of it."""
    assert revision_of(replace(QUOTE, number=""), [], key(8))[0].local_number == "draft 7/3"
    assert revision_of(replace(QUOTE, number="N" * 40), [], key(8))[0].local_number == "N" * 30 + "/3"


def test_totals_are_written_only_where_they_change() -> None:
    """D-303."""
    assert priced(QUOTE, [FIRST], prices_include_tax=False) is QUOTE
    twice = priced(QUOTE, [FIRST, SECOND], prices_include_tax=False)
    assert twice == replace(QUOTE, net_minor=20, tax_minor=4, gross_minor=24)
