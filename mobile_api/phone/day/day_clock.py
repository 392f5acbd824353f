"""The simulated clock of a demo: its director, its phones and its server go by it, and the director moves it forward."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mobile_api.phone.day.people import TIME_ZONE
from server import chance, clock
from server.domain.local_times import DAY_MS, MINUTE_MS, local_day, moment_ms

BEGIN: Final = 7 * 60 + 50
"""The minute of the day at which a day of the demo begins."""
LEFT_OUT_DAYS: Final = 9
"""A demo moves its clock forward by so many days, and begins so many earlier: so it ends by the machine's clock where it can."""
AFTER_MS: Final = 10 * MINUTE_MS
"""A day begins so long, at least, after the last moment that its organisation has seen: devices are noted as seen now and then."""


class DayClock:
    """The clock of one demo. It begins in the morning, behind the machine's clock where it can, and never goes back."""

    def __init__(self, file: Path) -> None:
        file.write_bytes(bytes(clock.FILE_BYTES))
        self._file = str(file)
        self._moved = clock.shared(self._file, writing=True)
        self.ahead_ms = 0

    def begin(self, latest_ms: int | None) -> None:
        """Set it to a morning. `latest_ms`: the last moment that the organisation has seen; None: there is none yet."""
        machine_ms = clock.machine_ms()
        self.ahead_ms = morning_ms(machine_ms - LEFT_OUT_DAYS * DAY_MS, latest_ms) - machine_ms
        clock.simulate(self.ahead_ms, self._file)

    def move_to(self, at_ms: int) -> None:
        """Move it forward to a moment, in all processes at once; one that has passed changes nothing."""
        self._moved[0] += max(0, at_ms - chance.now_ms())

    def catch_up(self) -> None:
        """From now on it is the machine's clock, unless it is ahead of that."""
        self.move_to(clock.machine_ms())

    def environment(self) -> Mapping[str, str]:
        """The settings of a server that goes by it."""
        return {"OUTRIDER_CLOCK_AHEAD_MS": str(self.ahead_ms), "OUTRIDER_CLOCK_FILE": self._file}

    def words(self) -> Sequence[str]:
        """The options of a phone that goes by it."""
        return ("--clock-ahead-ms", str(self.ahead_ms), "--clock-file", self._file)


def morning_ms(machine_ms: int, latest_ms: int | None) -> int:
    """The newest morning that has begun by the machine's clock; if the organisation has seen later moments, the first one after those."""
    begun_ms = _at_or_before(machine_ms)
    if latest_ms is None or latest_ms + AFTER_MS <= begun_ms:
        return begun_ms
    return _at_or_before(latest_ms + AFTER_MS + DAY_MS)


def _at_or_before(at_ms: int) -> int:
    day = local_day(at_ms, TIME_ZONE)
    today_ms = moment_ms(day, BEGIN, TIME_ZONE)
    return today_ms if today_ms <= at_ms else moment_ms(day - 1, BEGIN, TIME_ZONE)


@contextmanager
def simulated() -> Iterator[DayClock]:
    """A clock for one demo. Afterwards this process has the machine's clock again."""
    with tempfile.TemporaryDirectory(prefix="outrider-clock-") as folder:
        try:
            yield DayClock(Path(folder) / "clock")
        finally:
            clock.simulate(0)
