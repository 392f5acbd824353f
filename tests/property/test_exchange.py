"""Refresh tokens, on the pure rule: who is let on, who is late, who is a thief; compared with the whole history of a session."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.exchange import LATE_MS, SUCCESSORS_MAX, Kept, exchange, of_lost_time

QUICK = settings(max_examples=500, deadline=None, database=None, print_blob=True)


class Made(NamedTuple):
    """A token as history has it: `parent` is the place in the history of the one for which it was given out."""

    parent: int | None
    made_ms: int


class Session:
    """What the server keeps, and beside it everything that ever was."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.kept = [Kept(b"0", None, 0)]
        self.history = [Made(None, 0)]
        self.in_use = 0
        self.were_in_use = {0}
        self.ended = False

    def show(self, place: int) -> int | None:
        """Exchange the token at a place in the history; the place of the new one, None when the session ended."""
        done = exchange(self.kept, str(place).encode(), self.now_ms)
        if done is None:
            self.ended = True
            return None
        new = Kept(str(len(self.history)).encode(), done.parent_hash, self.now_ms)
        self.kept = [*(one for one in self.kept if one.hash not in done.forgotten), new]
        self.history.append(Made(int(done.parent_hash), self.now_ms))
        return len(self.history) - 1

    def wanted(self, place: int) -> bool:
        """What the rules say of showing this one, from the history alone (P-014 to P-016)."""
        if place != self.in_use and place not in self.were_in_use and self.history[place].parent == self.in_use:
            self.in_use = place
            self.were_in_use.add(place)
            return True
        late = place not in self.were_in_use and self.now_ms < self.history[place].made_ms + LATE_MS
        return place == self.in_use or late


STEPS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0, 1, LATE_MS // 2, LATE_MS - 1, LATE_MS])), min_size=1, max_size=30)


@QUICK
@given(STEPS)
def test_every_token_is_judged_as_its_history_says(steps: list[tuple[int, int]]) -> None:
    """P-014, P-015, P-016: `steps` name how young the shown token is, and how long it took until it came."""
    session = Session()
    for youth, wait_ms in steps:
        session.now_ms += wait_ms
        place = max(0, len(session.history) - 1 - youth)
        wanted = session.wanted(place)
        assert (session.show(place) is not None) == wanted
        if not wanted:
            return


@QUICK
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(0, LATE_MS - 1)), min_size=1, max_size=12))
def test_an_app_that_asks_several_times_may_use_whatever_arrives_in_time(rounds: list[tuple[int, int, int]]) -> None:
    """P-015: each round it asks a few times with one token, its answers come in any order, and it uses one after another of them."""
    session, held = Session(), 0
    for asked, first, wait_ms in rounds:
        session.now_ms += 15 * LATE_MS
        answers = [session.show(held) for _ in range(asked)]
        session.now_ms += wait_ms
        for place in (*answers[first % asked :], *answers[: first % asked]):
            assert place is not None
            newer = session.show(place)
            assert newer is not None
            held = newer
    assert not session.ended


@QUICK
@given(st.integers(0, 6), st.lists(st.integers(LATE_MS, 100 * LATE_MS), min_size=4, max_size=4), st.booleans())
def test_a_thief_and_the_owner_cannot_both_go_on(before: int, waits: list[int], thief_first: bool) -> None:
    """P-016: a copied token ends the session at the fourth exchange of the two at the latest, whoever begins."""
    session, owner = Session(), 0
    for _ in range(before):
        session.now_ms += 15 * LATE_MS
        newer = session.show(owner)
        assert newer is not None
        owner = newer
    held: dict[bool, int] = {True: owner, False: owner}
    for turn, wait_ms in enumerate(waits):
        session.now_ms += wait_ms
        who = thief_first == (turn % 2 == 0)
        shown = session.show(held[who])
        if shown is None:
            return
        held[who] = shown
    raise AssertionError("both went on")


def test_what_is_kept_is_bounded_and_the_youngest_stay() -> None:
    """P-014: one in use, its successors, and late ones."""
    session, shown = Session(), 0
    for _ in range(4):
        for _ in range(SUCCESSORS_MAX + 4):
            assert session.show(shown) is not None
            assert len(session.kept) <= 2 * SUCCESSORS_MAX + 1
        shown = len(session.history) - 1
    assert len(session.kept) == 2 * SUCCESSORS_MAX + 1
    assert session.show(0) is None


def test_only_between_a_backup_and_its_restore_a_token_can_be_forgotten() -> None:
    """P-018: kept are those of the backup; whoever refreshes after the restore closes the gap."""
    kept = [Kept(b"0", None, 100), Kept(b"1", b"0", 200)]
    assert [of_lost_time(kept, made_ms, 500) for made_ms in (150, 200, 201, 499, 500, 501)] == [False, False, True, True, False, False]
    assert not of_lost_time([*kept, Kept(b"2", b"1", 600)], 499, 500)
    assert not of_lost_time(kept, 300, 50)
