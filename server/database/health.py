"""Whether this process can work with its database: the last cause of illness, how often each occurred, and the log's two lines of it."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from server.database.failures import Cause

LOGGER: Final = logging.getLogger("outrider.database")
CALM_S: Final = 5.0
"""After this time without a failure smaller successes count as well: on a nearly full disk small writes pass and large ones do not."""


class Health:
    """The failures that the doors of a database met. Touched from one event loop alone."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.counts: Counter[Cause] = Counter()
        self._clock_s = clock_s
        self._cause: Cause | None = None
        self._since_s = 0.0
        self._last_s = 0.0

    @property
    def cause(self) -> Cause | None:
        """Why the database cannot be worked with, None when it can."""
        return self._cause

    def failed(self, cause: Cause) -> None:
        """Note one failure. The log tells of the first, and of each that has another cause."""
        self.counts[cause] += 1
        self._last_s = self._clock_s()
        if self._cause is None:
            self._since_s = self._last_s
        if self._cause is not cause:
            LOGGER.error("the server is ill", extra={"facts": {"cause": cause.name, "means": cause.means, "remedy": cause.remedy}})
        self._cause = cause

    def worked(self) -> None:
        """Note that a write was committed."""
        if self._cause is None or self._clock_s() - self._last_s < CALM_S:
            return
        ill_s = round(self._clock_s() - self._since_s, 1)
        LOGGER.warning("the server works again", extra={"facts": {"cause": self._cause.name, "ill_s": ill_s}})
        self._cause = None
