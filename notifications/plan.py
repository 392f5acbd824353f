"""When a notice goes out as a push: the reader's quiet hours and caps, and the one push that stands for what they held back. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from msgspec import Struct

from shared_schema.notices import Language

_CHINESE_SUBTAGS: Final = frozenset({"zh", "cmn", "yue"})
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MINUTES: Final = 1_440
PUSHES_AN_HOUR_MAX: Final = 12
"""Of one reader, beside critical ones; what is beyond waits for its turn and comes as one."""
_TRANSITIONS_MAX: Final = 8


def language_of(tag: str) -> Language:
    """The language for a BCP-47 tag or a POSIX locale; Chinese for zh, cmn and yue in any script or region, English for all others."""
    primary = re.split(r"[-_.@]", tag.strip().lower(), maxsplit=1)[0]
    return Language.zh if primary in _CHINESE_SUBTAGS else Language.en


class Wish(Struct, frozen=True):
    """How a reader wants to hear. `quiet_from`, `quiet_until`: minutes of the local day, the second one excluded; both or none."""

    zone: tzinfo
    quiet_from: int | None = None
    quiet_until: int | None = None


class Pending(Struct, frozen=True):
    """A notice that waits to go out. `held`: it was held back before. `listed`: its reader wants its group in the list alone.
    `unwanted`: channels by which its reader does not want it; those of one push want it by the same."""

    id: bytes
    made_ms: int
    critical: bool = False
    listed: bool = False
    held: bool = False
    unwanted: frozenset[str] = frozenset()


class Verdict(Struct, frozen=True):
    """What becomes of it: `planned` (it goes out now and stands for so many), `held` until `due_ms`, `listed`, `digested` into another."""

    id: bytes
    state: str
    due_ms: int | None = None
    stands_for: int = 1


# quiet hours


def quiet_until_ms(wish: Wish, now_ms: int) -> int | None:
    """The first moment from now on that is not quiet; None when it is not quiet now.

    Quiet is what a clock on the reader's wall shows. An end that a clock put forward leaps over is the moment of the leap; an hour that a
    clock put back repeats is as quiet the second time.
    """
    if wish.quiet_from is None or wish.quiet_until is None or wish.quiet_from == wish.quiet_until:
        return None
    at_s = now_ms // 1_000
    if not _is_quiet(wish, at_s):
        return None
    for _ in range(_TRANSITIONS_MAX):
        ends_s = at_s - at_s % 60 + (wish.quiet_until - _minute(wish, at_s)) % DAY_MINUTES * 60
        if _offset_s(wish, ends_s) == _offset_s(wish, at_s):
            return ends_s * 1_000
        at_s = _transition_s(wish, at_s, ends_s)
        if not _is_quiet(wish, at_s):
            return at_s * 1_000
    return at_s * 1_000


def _is_quiet(wish: Wish, at_s: int) -> bool:
    begin, end, minute = wish.quiet_from or 0, wish.quiet_until or 0, _minute(wish, at_s)
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def _minute(wish: Wish, at_s: int) -> int:
    """The minute of the local day."""
    return (at_s + _offset_s(wish, at_s)) // 60 % DAY_MINUTES


def _offset_s(wish: Wish, at_s: int) -> int:
    offset = datetime.fromtimestamp(at_s, UTC).astimezone(wish.zone).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


def _transition_s(wish: Wish, after_s: int, until_s: int) -> int:
    """The first second of the new offset, which `until_s` has and `after_s` has not."""
    before = _offset_s(wish, after_s)
    while until_s - after_s > 1:
        middle_s = (after_s + until_s) // 2
        if _offset_s(wish, middle_s) == before:
            after_s = middle_s
        else:
            until_s = middle_s
    return until_s


# caps and the digest


def arrange(pending: Iterable[Pending], wish: Wish, recent_ms: Sequence[int], now_ms: int) -> list[Verdict]:
    """What becomes of each notice of one reader that is due. `recent_ms`: when pushes went out to the reader within the last hour.

    A critical one goes out at once, alone. Several that were held back go out as one, the newest, which says how many it stands for; as one
    for each choice of channels.
    """
    ordered = sorted(pending, key=lambda one: (one.made_ms, one.id))
    verdicts = [Verdict(one.id, "planned") for one in ordered if one.critical]
    verdicts += [Verdict(one.id, "listed") for one in ordered if one.listed and not one.critical]
    rest = [one for one in ordered if not (one.critical or one.listed)]
    quiet_ms = quiet_until_ms(wish, now_ms)
    if quiet_ms is not None:
        return verdicts + [Verdict(one.id, "held", quiet_ms) for one in rest]
    held: dict[frozenset[str], list[bytes]] = {}
    for one in rest:
        if one.held:
            held.setdefault(one.unwanted, []).append(one.id)
    pushes = [*held.values(), *([one.id] for one in rest if not one.held)]
    room = max(0, PUSHES_AN_HOUR_MAX - len(recent_ms))
    for ids in pushes[:room]:
        verdicts += [*(Verdict(one, "digested") for one in ids[:-1]), Verdict(ids[-1], "planned", None, len(ids))]
    again_ms = _room_ms(recent_ms, now_ms)
    return verdicts + [Verdict(one, "held", again_ms) for ids in pushes[room:] for one in ids]


def _room_ms(recent_ms: Sequence[int], now_ms: int) -> int:
    """When the reader has had fewer pushes within an hour than the cap."""
    within = sorted(recent_ms)[-PUSHES_AN_HOUR_MAX:]
    return max(now_ms + MINUTE_MS, (within[0] if within else now_ms) + HOUR_MS)


def digest_line(count: int, language: Language) -> str:
    """The line of a push that stands for several notices."""
    return f"你有 {count} 条新提醒" if language is Language.zh else f"{count} notices wait for you"
