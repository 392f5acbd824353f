"""The channel for installations without a provider: one structured log line a notice, with ids and never a word of its text."""

import logging
from typing import Final

from notifications.channels import Notice, Reaction

_LOGGER: Final = logging.getLogger("outrider.notifications")


class LogChannel:
    """Writes kind, notice, user and language at INFO, in the line for people and as record attributes for a structured formatter."""

    async def deliver(self, notice: Notice) -> Reaction:
        """Log the notice; always `sent`."""
        facts = {
            "kind": notice.kind,
            "notice_id": notice.id.hex(),
            "user_id": notice.user_id.hex(),
            "language": notice.language.value,
        }
        _LOGGER.info("notice %s", " ".join(f"{name}={value}" for name, value in facts.items()), extra=facts)
        return Reaction.sent
