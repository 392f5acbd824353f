"""A channel takes one push and tells what its provider said."""

from typing import Protocol, runtime_checkable

from notifications.push import Push
from notifications.reaction import Said


@runtime_checkable
class Channel(Protocol):
    """A way to a person. It sends one push at a time and keeps no state that a restart would miss; it belongs to one event loop."""

    async def send(self, push: Push, *, dry: bool = False) -> Said:
        """Send one push; `dry`: only ask whether it would be taken. A provider's fault is a word, never an exception."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
