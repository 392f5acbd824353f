"""Sorting a request into repeated, forked, new and missing: every request that lists small numbers in any order."""

from itertools import product

import pytest

from shared_schema.problem import Code, Problem
from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.admission import Answered, Line, Told, admit, fingerprint, numbered


def raw(n: int, body: bytes = b"\x80") -> bytes:
    return ENCODER.encode((n, (n, 0, 1), 1, 1, bytes(16), {}, ENCODER.encode(body), 0))


def known(numbers: range) -> dict[int, Answered]:
    return {n: Answered(n, fingerprint(raw(n)), b"outcome %d" % n) for n in numbers}


@pytest.mark.parametrize("order", list(product(range(1, 6), repeat=3)))
def test_every_number_is_answered_once_or_asked_for(order: tuple[int, ...]) -> None:
    """The line has 1 to 3, of which 1 is confirmed: nothing new is taken out of order or behind another history, nothing old again."""
    read = order[: _until_gap(order)]
    found = admit(numbered(raw(n) for n in order), Line(3, 1), Told(1, True), known(range(1, 4)))
    new = [sent.n for group in found.groups for sent in group]
    forked = [n for at, n in enumerate(read) if n == 1 or (n > 3 and n in read[:at])]
    assert found.forked == forked
    assert found.repeated == [b"outcome %d" % n for n in read if n in (2, 3)]
    assert new == ([] if forked else sorted(n for n in read if n > 3))
    assert (found.resend_from is not None) == (len(read) < len(order) and not forked)


def _until_gap(order: tuple[int, ...]) -> int:
    """Where the first number stands that leaves one out."""
    due = 4
    for at, n in enumerate(order):
        if n > due:
            return at
        due += n == due
    return len(order)


def test_confirmed_more_than_was_taken_means_the_server_forgot() -> None:
    found = admit(numbered([raw(6)]), Line(3, 1), Told(5, True), {})
    assert (found.groups, found.forked, found.repeated, found.resend_from) == ([], [], [], 4)


@pytest.mark.parametrize("count", [1, 2, 3, 500])
def test_a_whole_group_stays_one(count: int) -> None:
    raws = [
        ENCODER.encode(Mutation(n, GroupPlace(1, n - 1, count), Kind.delete, 1, bytes(16), {}, ENCODER.encode(None), 0))  # type: ignore[arg-type]
        for n in range(1, count + 1)
    ]
    (group,) = admit(numbered(raws), Line(0, 0), Told(0, True), {}).groups
    assert [sent.n for sent in group] == list(range(1, count + 1))
    assert all(sent.problem is None for sent in group)


@pytest.mark.parametrize("broken", [b"", b"\x90", b"\x80", b"\xff" * 9, raw(1)[:-3], ENCODER.encode((b"n", 2, 3, 4, 5, 6, 7, 8))])
def test_without_a_number_the_request_is_refused(broken: bytes) -> None:
    """P-324: what bears no number cannot be consumed alone, so nothing of the request is taken; with any other fault the number is read."""
    with pytest.raises(Problem) as refused:
        numbered([raw(1), broken])
    assert (refused.value.code, refused.value.field, refused.value.retry_at_ms) == (Code.field_wrong, None, None)
    wrong_kind = ENCODER.encode((2, (2, 0, 1), "kind", 1, bytes(16), {}, None, 0))
    assert [(one.n, one.mutation is None) for one in numbered([raw(1), wrong_kind])] == [(1, False), (2, True)]
