"""The breaker of a provider: after refusals in a row nothing is sent there for a while, then a few, then all again. Pure.

It also keeps what a provider that had too much asked for: a pause for the whole project.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from notifications.reaction import Guilt, Reaction, Then

REFUSALS_MAX: Final = 5
"""So many refusals in a row that are the provider's or ours, and no target's, open the breaker."""
OPEN_MS: Final = 60_000
OPEN_MS_MAX: Final = 15 * 60_000


class Breaker(Struct, frozen=True):
    """How it stands with one provider. All moments in milliseconds since 1970; 0: never.

    `refusals`: in a row. `openings`: in a row, without a push taken between. `taken_ms`: the last one taken.
    """

    refusals: int = 0
    openings: int = 0
    open_until_ms: int = 0
    paused_until_ms: int = 0
    taken_ms: int = 0
    platform_refusals: int = 0
    """In a row, of a provider behind the provider: told to the operator, and stops nothing, for others take theirs."""
    since_ms: int = 0
    """Since when it has not been well, without a push taken between."""

    def is_closed(self, now_ms: int) -> bool:
        """Whether pushes may go there now."""
        return now_ms >= max(self.open_until_ms, self.paused_until_ms)

    @property
    def is_ill(self) -> bool:
        """Whether an operator should look: it opened, and nothing was taken since."""
        return self.openings > 0

    @property
    def is_platform_ill(self) -> bool:
        """Whether the provider behind the provider refuses our keys."""
        return self.platform_refusals >= REFUSALS_MAX


def heard(breaker: Breaker, then: Reaction, now_ms: int) -> Breaker:
    """The breaker after one more answer."""
    after = _heard(breaker, then, now_ms)
    since_ms = breaker.since_ms if breaker.since_ms and is_unwell(breaker, now_ms) else now_ms
    return replace(after, since_ms=since_ms if is_unwell(after, now_ms) else 0)


def is_unwell(breaker: Breaker, now_ms: int) -> bool:
    """Whether pushes do not go there as they should."""
    return breaker.is_ill or breaker.is_platform_ill or now_ms < breaker.paused_until_ms


def _heard(breaker: Breaker, then: Reaction, now_ms: int) -> Breaker:
    if then.then is Then.sent:
        return Breaker(paused_until_ms=breaker.paused_until_ms, taken_ms=now_ms)
    if then.pause_s:
        return replace(breaker, paused_until_ms=max(breaker.paused_until_ms, now_ms + then.pause_s * 1_000))
    if then.guilt is Guilt.platform:
        return replace(breaker, platform_refusals=breaker.platform_refusals + 1)
    if then.guilt is not Guilt.provider:
        return breaker
    refusals = breaker.refusals + 1
    if refusals < REFUSALS_MAX and not breaker.openings:
        return replace(breaker, refusals=refusals)
    if now_ms < breaker.open_until_ms:  # of a push that was under way when it opened
        return replace(breaker, refusals=refusals)
    wait_ms = min(OPEN_MS_MAX, OPEN_MS << min(breaker.openings, 8))
    return replace(breaker, refusals=refusals, openings=breaker.openings + 1, open_until_ms=now_ms + wait_ms)
