"""The states of a quote: decisions, revisions, and what no longer changes."""

from typing import Any

import msgspec
import pytest

from server.domain.quote_lines import lines_of
from server.domain.quote_states import TRANSITIONS
from shared_schema.records.base import Command
from shared_schema.records.customer import Collaborator, Customer
from shared_schema.records.quote import Approve, Quote, QuoteLine, QuoteStatus, Reject, ReturnQuote, Revise, Submit
from shared_schema.records.reference import Role
from shared_schema.wire import Result
from sync.agreed.quotes import content_hash, copied_id, revision_of
from sync.rules import Actor
from sync.state import State
from tests.contract.documents import DOCS, table
from tests.unit.domain.day import BOSS, CUSTOMER, FOREIGN, NOON_MS, OTHER, QUOTE, REP, Phone, key, line, quoted, refusal, stored, world

MANAGER = Actor(1, BOSS, 8, Role.manager, frozenset({REP, OTHER}))
NEW = key(210)
DECISIONS = {Approve: QuoteStatus.approved, Reject: QuoteStatus.rejected, ReturnQuote: QuoteStatus.returned}


def standing(status: QuoteStatus, **slots: Any) -> State:
    """The quote of OTHER with one line, in some state."""
    number = "" if status is QuoteStatus.draft else "Q2025-000001"
    return quoted(world(), line(301), status=status, number=number, net_minor=1_000, gross_minor=1_000, title="Spring", **slots)


def boss(state: State) -> Phone:
    return Phone(state, MANAGER)


def quote_of(phone: Phone, quote_id: bytes = QUOTE) -> Quote:
    found = phone.state.find(Quote, quote_id)
    assert found is not None
    return found


def shown(phone: Phone, quote_id: bytes = QUOTE) -> bytes:
    return content_hash(quote_of(phone, quote_id), lines_of(phone.state, quote_id))


def all_commands(phone: Phone, expected: QuoteStatus) -> dict[str, Command]:
    seen = shown(phone)
    return {
        "submit": Submit(seen, expected),
        "approve": Approve(seen, "", expected),
        "reject": Reject(seen, "", expected),
        "return_quote": ReturnQuote(seen, "", expected),
        "revise": Revise(NEW, seen, expected),
    }


@pytest.mark.parametrize("status", [one for one in QuoteStatus if one])
@pytest.mark.parametrize("name", [name for name in TRANSITIONS if name != "supersede"])
def test_only_the_transitions_of_the_table_are_taken(name: str, status: QuoteStatus) -> None:
    """D-320. Each command from each state: taken, or refused with the state that stands."""
    phone = boss(standing(status))
    verdict = phone.command(all_commands(phone, status)[name])
    if status in TRANSITIONS[name].sources:
        assert (verdict.result, quote_of(phone).status) == (Result.applied, TRANSITIONS[name].target)
    else:
        assert str(verdict.problem) == f"state_wrong: the quote is {status.name} by now"
        assert quote_of(phone).status is status


@pytest.mark.parametrize("name", [name for name in TRANSITIONS if name != "supersede"])
def test_a_command_names_the_state_on_the_screen(name: str) -> None:
    """D-320. The transition would be legal from what stands, and yet its author looked at something else."""
    for status in TRANSITIONS[name].sources:
        for expected in set(QuoteStatus) - {status}:
            phone = boss(standing(status))
            assert refusal(phone.command(all_commands(phone, expected)[name])) == ("state_wrong", None)
            assert quote_of(phone) == quote_of(boss(standing(status)))


def test_the_table_of_transitions_is_the_code() -> None:
    """D-320."""
    text = (DOCS / "domain.md").read_text("utf-8")
    rows = text.split("| transition |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    said = {cells[1].strip().strip("`"): (cells[3].strip(), cells[4].strip()) for cells in (row.split("|") for row in rows)}
    assert said == {name: (", ".join(one.name for one in sorted(way.sources)), way.target.name) for name, way in TRANSITIONS.items()}
    assert table(text, "## Roles")


@pytest.mark.parametrize(("command", "status"), DECISIONS.items())
def test_a_decision_stays_in_the_quote(command: Any, status: QuoteStatus) -> None:
    """D-322."""
    phone = boss(standing(QuoteStatus.submitted))
    assert phone.command(command(shown(phone), "too cheap")).result is Result.applied
    quote = quote_of(phone)
    assert (quote.status, quote.decided_ms, quote.decided_by_id, quote.decision_note) == (status, NOON_MS, BOSS, "too cheap")
    assert (quote.rev, quote.author_id, quote.number) == (3, OTHER, "Q2025-000001")
    change = phone.state.changes[-1]
    assert (change.decision, change.group, change.rev) == (command.__struct_config__.tag, "", 3)
    assert change.before["status"] == QuoteStatus.submitted
    assert (change.after["status"], change.after["decision_note"]) == (status, "too cheap")


@pytest.mark.parametrize("command", DECISIONS)
def test_nobody_decides_about_what_was_not_on_his_screen(command: Any) -> None:
    """D-322."""
    phone = boss(standing(QuoteStatus.submitted))
    assert refusal(phone.command(command(bytes(32)))) == ("content_changed", None)
    assert quote_of(phone).status is QuoteStatus.submitted


@pytest.mark.parametrize("command", DECISIONS)
def test_only_a_manager_of_the_holders_decides(command: Any) -> None:
    """D-321."""
    seen = shown(boss(standing(QuoteStatus.submitted)))
    others = {
        Actor(1, REP, 7, Role.rep): "forbidden",
        Actor(1, BOSS, 8, Role.manager, frozenset({OTHER})): "out_of_scope",
        Actor(1, BOSS, 8, Role.admin): "out_of_scope",
        Actor(1, BOSS, 8, Role.finance): "out_of_scope",
    }
    for actor, code in others.items():
        phone = Phone(standing(QuoteStatus.submitted), actor)
        assert refusal(phone.command(command(seen))) == (code, None)
        assert quote_of(phone).status is QuoteStatus.submitted


def test_another_manager_decides_about_ones_own_quote() -> None:
    """D-321. Where there is one; who has nobody above him decides himself, and hears nothing of it."""
    own = stored(standing(QuoteStatus.submitted), Quote(QUOTE, 2, CUSTOMER, "CNY", status=QuoteStatus.submitted, author_id=BOSS))
    phone = boss(own)
    phone.state.superiors = (key(4),)
    assert refusal(phone.command(Approve(shown(phone)))) == ("forbidden", None)
    phone.state.superiors = ()
    assert phone.command(Approve(shown(phone))).result is Result.applied
    assert [heard.kind for heard in phone.state.notices] == []


def test_the_author_hears_while_he_follows_up_the_customer() -> None:
    """D-326."""
    gone = boss(standing(QuoteStatus.submitted))
    gone.command(Reject(shown(gone), "no"))
    assert [heard.kind for heard in gone.state.notices] == []
    phone = boss(stored(standing(QuoteStatus.submitted), Collaborator(key(20), 1, CUSTOMER, OTHER)))
    phone.command(Reject(shown(phone), "no"))
    (heard,) = phone.state.notices
    assert (heard.kind, heard.user_id) == ("quote_rejected", OTHER)
    assert heard.facts == {"number": "Q2025-000001", "customer": "Corner shop", "note": "no"}


@pytest.mark.parametrize("status", [QuoteStatus.approved, QuoteStatus.rejected, QuoteStatus.superseded, QuoteStatus.submitted])
def test_a_decided_quote_is_immutable(status: QuoteStatus) -> None:
    """D-307, D-309, D-323. Header, lines, deletes and undo are parked, and say the way out."""
    phone = Phone(standing(status))
    before = (quote_of(phone), lines_of(phone.state, QUOTE))
    added = {"customer_id": CUSTOMER, "quote_id": QUOTE, "product_id": key(500), "unit": "box"}
    refused = [
        phone.patch(Quote, QUOTE, {"title": 2}, title="Other"),
        phone.create(QuoteLine, key(302), **added, quantity_thousandths=1, price_minor=1),
        phone.patch(QuoteLine, key(301), {"position": 1}, position="b"),
        phone.delete(QuoteLine, key(301)),
    ]
    assert [(one.result, refusal(one)[0]) for one in refused] == [(Result.parked, "state_wrong")] * 4
    assert (quote_of(phone), lines_of(phone.state, QUOTE)) == before
    if status is QuoteStatus.approved:
        assert "revise it" in str(refused[0].problem)


def test_a_returned_quote_is_edited_and_submitted_again_under_its_number() -> None:
    """D-307, D-309, D-311."""
    phone = Phone(standing(QuoteStatus.returned))
    assert phone.patch(Quote, QUOTE, {"title": 2}, title="Cheaper").result is Result.applied
    assert (
        phone.create(
            QuoteLine, key(302), customer_id=CUSTOMER, quote_id=QUOTE, product_id=key(5), unit="x", quantity_thousandths=1000, price_minor=1
        ).result
        is Result.applied
    )
    assert phone.delete(QuoteLine, key(301)).result is Result.applied
    assert phone.command(Submit(shown(phone), QuoteStatus.returned)).result is Result.applied
    quote = quote_of(phone)
    assert (quote.status, quote.number, quote.gross_minor) == (QuoteStatus.submitted, "Q2025-000001", 1)
    assert phone.state.counters == {}


def approved(**slots: Any) -> Phone:
    return Phone(standing(QuoteStatus.approved, **slots))


def test_a_revision_is_a_new_draft_with_copies() -> None:
    """D-324."""
    phone = approved()
    before = quote_of(phone)
    verdict = phone.command(Revise(NEW, shown(phone)))
    assert (verdict.result, verdict.key, verdict.rev) == (Result.applied, (6, NEW), 1)
    assert quote_of(phone) == before
    new, (copy,) = quote_of(phone, NEW), lines_of(phone.state, NEW)
    assert (new.revises_id, new.revision, new.status, new.number) == (QUOTE, 2, QuoteStatus.draft, "")
    assert (new.local_number, new.author_id, new.title, new.gross_minor) == ("Q2025-000001/2", REP, "Spring", 1_000)
    assert copy == msgspec.structs.replace(line(301), id=copied_id(NEW, key(301)), quote_id=NEW)
    assert content_hash(*revision_of(before, lines_of(phone.state, QUOTE), NEW)) == shown(phone, NEW)
    assert [(change.key, change.decision) for change in phone.state.changes] == [((6, NEW), "revise"), ((7, copy.id), "revise")]


def test_who_revises_has_seen_what_he_copies() -> None:
    """D-324, P-410. His own next edit meets no conflict; another line that never saw the copy does."""
    phone = approved()
    phone.command(Revise(NEW, shown(phone)))
    other = Phone(phone.state, Actor(1, REP, 9, Role.rep))
    assert refusal(other.patch(Quote, NEW, {"title": 0}, title="Unseen"))[0] == "conflict"
    phone.state = other.state
    assert phone.patch(Quote, NEW, {"title": 0}, title="Autumn").result is Result.applied
    assert quote_of(phone, NEW).title == "Autumn"


def test_the_same_revision_again_is_known_and_an_id_in_use_is_refused() -> None:
    """D-324."""
    phone = approved()
    phone.command(Revise(NEW, shown(phone)))
    assert phone.command(Revise(NEW, shown(phone))).result is Result.duplicate
    assert len(lines_of(phone.state, NEW)) == 1
    assert refusal(phone.command(Revise(QUOTE, shown(phone)))) == ("id_taken", "new_id")
    taken = Phone(stored(standing(QuoteStatus.approved), Quote(NEW, 1, FOREIGN, "CNY")))
    assert refusal(taken.command(Revise(NEW, shown(taken)))) == ("out_of_scope", "new_id")
    line_taken = Phone(
        stored(standing(QuoteStatus.approved), msgspec.structs.replace(line(301), id=copied_id(NEW, key(301)), quote_id=key(999)))
    )
    assert refusal(line_taken.command(Revise(NEW, shown(line_taken)))) == ("id_taken", "new_id")
    assert refusal(approved().command(Revise(NEW, bytes(32)))) == ("content_changed", None)
    assert refusal(approved().command(Revise(NEW, bytes(32)), CUSTOMER, Customer))[0] == "command_unknown"


def test_an_approved_revision_supersedes_and_the_second_is_refused() -> None:
    """D-325."""
    phone = approved()
    for new_id in (NEW, key(211)):
        assert phone.command(Revise(new_id, shown(phone))).result is Result.applied
        assert phone.command(Submit(shown(phone, new_id)), new_id).result is Result.applied
    manager = boss(phone.state)
    assert manager.command(Approve(shown(manager, NEW)), NEW).result is Result.applied
    assert (quote_of(manager).status, quote_of(manager, NEW).status) == (QuoteStatus.superseded, QuoteStatus.approved)
    assert (manager.state.changes[-1].key, manager.state.changes[-1].after) == ((6, QUOTE), {"status": QuoteStatus.superseded})
    refused = manager.command(Approve(shown(manager, key(211))), key(211))
    assert str(refused.problem) == "state_wrong: the quote which this one revises is superseded by now"
    assert quote_of(manager, key(211)).status is QuoteStatus.submitted
    assert manager.command(Reject(shown(manager, key(211))), key(211)).result is Result.applied
    assert quote_of(manager, NEW).number == "Q2025-000001"


def test_a_note_of_a_decision_is_clean_text() -> None:
    """P-110."""
    phone = boss(standing(QuoteStatus.submitted))
    assert refusal(phone.command(Reject(shown(phone), "a\x00b"))) == ("text_unclean", "note")
