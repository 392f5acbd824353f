"""The channel for installations without a provider: one structured log line a push, with ids and never a word of its text."""

import logging
from typing import Final

from notifications.push import Push
from notifications.reaction import Said, Word

_LOGGER: Final = logging.getLogger("outrider.notifications")


class LogChannel:
    """Writes the ids of a push at INFO, in the line for people and as record attributes for a structured formatter."""

    async def send(self, push: Push, *, dry: bool = False) -> Said:
        """Log the push; always taken."""
        if not dry:
            facts = {name: push.data[name] for name in ("kind", "id", "user") if name in push.data}
            _LOGGER.info("notice %s", " ".join(f"{name}={value}" for name, value in facts.items()), extra={"facts": facts})
        return Said(Word.taken)

    async def close(self) -> None:
        """There is nothing to let go of."""
