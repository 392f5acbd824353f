"""Put the demo together: database, server process, phones, script, oracle. The report tells the result."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from mobile_api.phone.day import accounts, comparison, evidence, seeding
from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.comparison import Comparison
from mobile_api.phone.day.day_clock import DayClock
from mobile_api.phone.day.desk import one_time_codes
from mobile_api.phone.day.entries import Entry
from mobile_api.phone.day.handset import DayFailedError
from mobile_api.phone.day.house import SERVE, House
from mobile_api.phone.day.oracle import Verdict
from mobile_api.phone.day.people import ADMIN, MANAGER, ORGANISATION, TRIED
from mobile_api.phone.day.providers import providing
from mobile_api.phone.day.pushing import Pushed
from mobile_api.phone.day.script import Day
from mobile_api.phone.day.stage import DUPLICATE, RESULTS, Scene, Stage
from server import settings
from server.settings import Settings

FOLDER: Final = Path(".outrider")
DATABASE: Final = f"sqlite:///{FOLDER}/demo.db"
SECRET: Final = FOLDER / "demo.secret"
LOG: Final = "server.log"


class Result(msgspec.Struct, frozen=True):
    """One played day."""

    entries: list[Entry]
    scenes: list[Scene]
    by_phone: dict[str, Counter[str]]
    sums: Counter[str]
    verdict: Verdict
    comparison: Comparison
    pushed: Pushed
    seconds: float

    @property
    def well(self) -> bool:
        """Whether no value was lost, no phone differs, each push came to those who had something to do and to nobody else, and each scene
        went as its sentence says."""
        strayed = self.pushed.lost or self.pushed.irrelevant
        return not self.verdict.lost and self.verdict.converged and not strayed and not self.broken

    @property
    def broken(self) -> int:
        """Scenes that did not go as their sentences say."""
        return sum(not scene.true for scene in self.scenes)

    @property
    def mutations(self) -> int:
        """Entries answered for the first time: the sum of the five results."""
        return sum(self.sums[name] for name in RESULTS)

    def as_json(self) -> str:
        """The one line for programs."""
        told: dict[str, int | bool] = {"devices": len(self.by_phone), "mutations": self.mutations}
        told |= {name: self.sums[name] for name in RESULTS}
        told |= {"duplicates": self.sums[DUPLICATE], "lost": len(self.verdict.lost), "converged": self.verdict.converged}
        told |= {name: self.sums[name] for name in ("bytes_up", "bytes_down")}
        told |= {"pushed": self.pushed.arrived, "push_lost": self.pushed.lost, "push_irrelevant": self.pushed.irrelevant}
        told["broken"] = self.broken
        return msgspec.json.encode(told).decode()


class Place(msgspec.Struct, frozen=True):
    """The demo's own files: the settings for its server, and the file of passwords."""

    settings: Settings
    accounts: Path
    log: Path


def place(environment: Mapping[str, str]) -> Place:
    """The operator's settings, or an SQLite file in `.outrider`. Raises SettingsError."""
    found = settings.load({settings.PREFIX + "DATABASE_URL": DATABASE, **environment})
    secret = Path(found.secret_file) if found.secret_file else settings.secret_path(found)
    if not found.secret_file and not found.database_url.startswith("sqlite"):
        secret = SECRET
    for folder in (FOLDER, secret.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.signing_key(secret, make=True)
    return Place(msgspec.structs.replace(found, secret_file=str(secret)), accounts.path_beside(secret), secret.with_name(LOG))


def prepare(where: Place, clock: DayClock | None = None) -> Accounts:
    """Tables and organisation, made when missing; a clock for a day is set. Raises DayFailedError."""
    try:
        return asyncio.run(seeding.prepare(where.settings.database_url, where.accounts, clock))
    except Exception as error:
        # The driver's own words may quote the password: they stay in the chain of causes, which nobody prints.
        raise DayFailedError(f"the database cannot be prepared ({type(error).__name__}); outrider doctor tells more") from error


@contextmanager
def serving(where: Place, launcher: Sequence[str] = SERVE, *, lan: bool = False, clock: DayClock | None = None) -> Iterator[House]:
    """The server as a process, ready, with providers of push of its own; stopped at the end. Raises DayFailedError.

    `lan`: phones of the network come through the door, and for the server everybody behind it is this machine.
    """
    environment = {
        "OUTRIDER_DATABASE_URL": where.settings.database_url,
        "OUTRIDER_SECRET_FILE": where.settings.secret_file,
        "OUTRIDER_WORKERS": str(where.settings.workers),
        "OUTRIDER_DEMO": "true",
        **({"OUTRIDER_METRICS": "false"} if lan else {}),
        **(clock.environment() if clock is not None else {}),
    }
    with providing() as providers:
        house = House({**environment, **providers.environment}, where.log, launcher, where.settings.port)
        house.providers = providers
        house.start()
        try:
            yield house
        finally:
            house.stop()


def codes(url: str, told: Accounts) -> dict[str, str]:
    """One-time codes that sign a rep and a manager in by one touch. Raises DayFailedError."""
    return one_time_codes(url, ORGANISATION, ADMIN, told.passwords[ADMIN], (TRIED, MANAGER.login))


def play(house: House, told: Accounts, clock: DayClock) -> Result:
    """One day with fresh phones against this server, which goes by this clock as they do. Raises DayFailedError."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="outrider-day-") as folder:
        stage = Stage(Path(folder), house.url, told, clock.words())
        try:
            day = Day(stage, house.providers, clock)
            try:
                day.play()
            finally:
                day.pushing.withdraw()
            for phone in stage.phones.values():
                phone.stop()
            verdict = evidence.judge(stage)
        finally:
            stage.switch_off()
        by_phone = {
            login: Counter({**tally.results, "sent": tally.results.total(), DUPLICATE: tally.duplicates})
            for login, tally in stage.tallies.items()
        }
        return Result(
            entries=stage.ledger,
            scenes=stage.scenes,
            by_phone=by_phone,
            sums=stage.sums(),
            verdict=verdict,
            comparison=comparison.compare(stage.ledger),
            pushed=day.pushed,
            seconds=time.monotonic() - started,
        )
