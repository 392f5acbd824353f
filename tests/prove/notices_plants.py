"""Planted bugs of the worker that sends pushes: each has a fault that the notices proof counts, and must be noticed by the part named.

This module loads nothing of the program: a worker loads it before its bug is in place.
"""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from tests.prove.planting import Plant


class NoticesPlant(Struct, frozen=True):
    """`part`: of the proof. `fault`: what it must count above zero."""

    part: Literal["killed", "stormed"]
    fault: Literal["lost", "duplicated", "wrongful_deletions", "irrelevant_sent"]
    bug: Plant

    @property
    def name(self) -> str:
        return self.bug.name


ALL: Final = (
    NoticesPlant(
        "killed",
        "lost",
        Plant(
            "lease_without_end",
            "What a worker had leased when it died is leased by nobody.",
            "server.store.outbox:lease",
            "due_ms=now_ms + LEASE_MS",
            "due_ms=None",
            (),
        ),
    ),
    NoticesPlant(
        "killed",
        "lost",
        Plant(
            "first_try_is_the_last",
            "A push that was tried before is leased no more.",
            "server.store.outbox:lease",
            "push.c.line_no != READER, _open(skipped.closed))",
            "push.c.line_no != READER, push.c.tries == 0, _open(skipped.closed))",
            (),
        ),
    ),
    NoticesPlant(
        "killed",
        "duplicated",
        Plant(
            "lease_of_no_time",
            "Two workers send what one of them has leased.",
            "server.store.outbox:lease",
            "due_ms=now_ms + LEASE_MS",
            "due_ms=now_ms",
            (),
        ),
    ),
    NoticesPlant(
        "killed",
        "duplicated",
        Plant(
            "sent_is_not_kept",
            "What was taken stays due.",
            "server.jobs.push:Sender._result",
            'return Settled(one, "sent", None, one.fails, now_ms)',
            'return Settled(one, "sent", now_ms, one.fails, now_ms)',
            (),
        ),
    ),
    NoticesPlant(
        "killed",
        "irrelevant_sent",
        Plant(
            "planned_is_sent",
            "What ended after it was planned is sent all the same.",
            "server.services.push_lease:lease",
            'needless(notice, reader is not None, now_ms) or ("" if target else "cancelled_target")',
            '"" if target else "cancelled_target"',
            (),
        ),
    ),
    NoticesPlant(
        "killed",
        "irrelevant_sent",
        Plant(
            "done_is_needed",
            "What is done is sent as if it were new.",
            "server.services.push_plan:needless",
            'if told is None or told.state == NotificationState.done:\n        return "cancelled_done"',
            'if told is None or told.state == NotificationState.done:\n        return "" if told else "cancelled_done"',
            (),
        ),
    ),
    NoticesPlant(
        "stormed",
        "wrongful_deletions",
        Plant(
            "forbidden_is_gone",
            "A provider that forbids all deletes every target.",
            "notifications.reaction:",
            "Word.forbidden: Reaction(Then.again, guilt=Guilt.provider)",
            "Word.forbidden: Reaction(Then.dead, retires=True)",
            (),
        ),
    ),
    NoticesPlant(
        "stormed",
        "wrongful_deletions",
        Plant(
            "not_found_is_gone",
            "A bare 404, which names no target, deletes the target.",
            "notifications.reaction:",
            "Word.not_found: Reaction(Then.again, guilt=Guilt.provider)",
            "Word.not_found: Reaction(Then.dead, retires=True)",
            (),
        ),
    ),
    NoticesPlant(
        "stormed",
        "wrongful_deletions",
        Plant(
            "refused_message_is_gone",
            "A message that the provider refuses deletes its target, whatever else the provider takes there.",
            "notifications.reaction:",
            "Word.invalid: Reaction(Then.ask)",
            "Word.invalid: Reaction(Then.dead, retires=True)",
            (),
        ),
    ),
)
PLANTS: Final[Mapping[str, NoticesPlant]] = {one.name: one for one in ALL}
