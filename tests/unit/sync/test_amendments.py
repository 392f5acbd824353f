"""Facts and their corrections: which one shows, in which order (D-209, D-210)."""

from shared_schema.records.activity import ContactLog
from sync.agreed.amendments import Amended, facts_with_amendments
from tests.unit.device_world import key

CUSTOMER_ID = key(99)


def log(number: int, received_ms: int = 0, amends: int = 0, rev: int = 1) -> ContactLog:
    return ContactLog(key(number), rev, CUSTOMER_ID, 0, received_ms=received_ms, amends_id=key(amends) if amends else None)


def test_facts_without_corrections_show_themselves_in_the_order_given() -> None:
    facts = [log(2), log(1), log(3)]
    assert facts_with_amendments(facts) == [Amended(one, one) for one in facts]


def test_the_correction_received_last_shows() -> None:
    """D-210: whatever the order in which they are held; of two received at once the greater id."""
    first, early, late, twin = log(1), log(9, 10, amends=1), log(2, 30, amends=1), log(3, 30, amends=1)
    assert facts_with_amendments([late, first, early]) == [Amended(first, late, (late, early))]
    assert facts_with_amendments([twin, first, late]) == [Amended(first, twin, (twin, late))]


def test_what_was_not_sent_yet_is_the_newest() -> None:
    first, sent, waiting = log(1), log(9, 10, amends=1), log(2, 0, amends=1, rev=0)
    assert facts_with_amendments([first, waiting, sent]) == [Amended(first, waiting, (waiting, sent))]


def test_a_correction_stands_for_itself_while_its_fact_is_not_held() -> None:
    other, correction = log(1), log(2, 10, amends=7)
    assert facts_with_amendments([correction, other]) == [Amended(correction, correction), Amended(other, other)]
