"""The thread and the event loop in which pushes go out: whatever a provider does, the API's own loop does not wait for it."""

import asyncio
import logging
import threading
from typing import Final, Protocol

from notifications.channels import Channel
from notifications.push import ChannelName, Push
from notifications.reaction import Said, Word
from server.jobs.channels import opened
from server.settings import Settings

LOGGER: Final = logging.getLogger("outrider.push")
SEND_S: Final = 25
"""A send that takes longer is unheard. Two of them, for a refused message is asked about, are shorter than a lease."""


class Sends(Protocol):
    """What carries pushes out."""

    async def send(self, name: ChannelName, push: Push, *, dry: bool = False) -> Said:
        """What was said to one push; never an exception for a provider's fault."""
        ...


class Sending:
    """Sends through the channels of a server. Opened at the first push that needs it; closed once, at the end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._channels: dict[ChannelName, asyncio.Future[Channel]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="push", daemon=True)
        self._thread.start()

    async def send(self, name: ChannelName, push: Push, *, dry: bool = False) -> Said:
        """What was said to one push. A fault of ours is told in the log and counts as unheard: it holds up no other push."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._send(name, push, dry=dry), self._loop))

    async def _send(self, name: ChannelName, push: Push, *, dry: bool) -> Said:
        try:
            async with asyncio.timeout(SEND_S):
                return await (await self._channel(name)).send(push, dry=dry)
        except TimeoutError:
            return Said(Word.unheard)
        except Exception:
            LOGGER.exception("push not sent", extra={"facts": {"channel": name.value, "id": push.data.get("id", "")}})
            return Said(Word.unheard)

    async def _channel(self, name: ChannelName) -> Channel:
        """The channel of this name; one that cannot be opened is tried again with the next push."""
        found = self._channels.get(name)
        if found is None or (found.done() and (found.cancelled() or found.exception() is not None)):
            found = self._channels[name] = asyncio.ensure_future(opened(name, self._settings))
        return await asyncio.shield(found)

    async def close(self) -> None:
        """Let go of the connections and end the thread."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._close(), self._loop))
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    async def _close(self) -> None:
        for found in self._channels.values():
            try:
                await (await found).close()
            except Exception:
                LOGGER.exception("a channel did not close")
        others = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)
