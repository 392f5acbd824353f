"""Sorting a request: what is new, repeated, another history, or missing."""

from msgspec import Raw

from shared_schema.wire import ENCODER, GroupPlace, Kind, Mutation
from sync.admission import Answered, Line, Told, admit, fingerprint, numbered


def raw(n: int, text: str = "") -> bytes:
    body = Raw(ENCODER.encode({"note": text}))
    return ENCODER.encode(Mutation(n, GroupPlace(n, 0, 1), int(Kind.patch), 1, bytes(16), {}, body, 0))


def known(*numbers: int) -> dict[int, Answered]:
    return {n: Answered(n, fingerprint(raw(n)), b"answer") for n in numbers}


def test_nothing_is_taken_behind_another_history() -> None:
    """P-312: a phone thrown back entered more than the server had; its later entries wait for the new line, in order."""
    found = admit(numbered(raw(n, "after the restore") for n in range(3, 9)), Line(5, 0), Told(2, True), known(3, 4, 5))
    assert (found.forked, found.groups, found.repeated) == ([3, 4, 5], [], [])


def test_repetition_then_news() -> None:
    """P-311."""
    found = admit(numbered(raw(n) for n in range(4, 8)), Line(5, 0), Told(3, True), known(4, 5))
    assert (found.repeated, found.forked, [one.n for group in found.groups for one in group]) == ([b"answer"] * 2, [], [6, 7])


def test_a_gap_asks_for_what_is_missing() -> None:
    """P-314."""
    found = admit(numbered([raw(6), raw(8)]), Line(5, 0), Told(5, True), {})
    assert ([one.n for group in found.groups for one in group], found.resend_from) == ([6], 7)
