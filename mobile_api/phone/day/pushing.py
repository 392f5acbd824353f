"""Some phones say where push reaches them; at the end each push that arrived is held against the notices on those phones."""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Final

from msgspec import Struct

from mobile_api.phone.day.entries import Slots
from mobile_api.phone.day.handset import DayFailedError
from mobile_api.phone.day.orders import Entered, Reach
from mobile_api.phone.day.providers import Arrival, Providers
from mobile_api.phone.day.stage import Stage
from server import clock
from shared_schema.records.notification import NotificationState

WAIT_S: Final = 20
LOOK_S: Final = 0.05
UNDER_WAY_MS: Final = 2_000
"""A push may have been on its way for so long when its notice ended."""
About = tuple[str, str]
"""(account, id of the record that a push is about)."""


class Pushed(Struct, frozen=True):
    """Pushes that arrived on the day; notices that wait to be seen and whose push did not; pushes of what was done or seen before."""

    arrived: int = 0
    lost: int = 0
    irrelevant: int = 0


class Pushing:
    """The phones that are reached, by their addresses. `wanted`: a push about each of these must come; `closed`: about none of these."""

    def __init__(self, stage: Stage, providers: Providers) -> None:
        self.stage = stage
        self.providers = providers
        self.addresses: dict[str, str] = {}
        self.wanted: set[About] = set()
        self.closed: set[About] = set()
        self._known: dict[str, set[str]] = {}

    def reach(self, by_firebase: Collection[str], by_browser: Collection[str]) -> None:
        """These phones give their addresses to the server. Notices that they have already count for nothing."""
        for login in (*by_firebase, *by_browser):
            name = self.addresses[login] = f"{login}-{clock.machine_ms()}"
            kind = "fcm_fid" if login in by_firebase else "webpush"
            address = name if kind == "fcm_fid" else self.providers.browser.subscription(name)
            self.stage.phones[login].ask(Reach(kind, address), Entered)
        self.stage.sync(*self.addresses)
        self._known = {login: {str(one["id"]) for one in self.stage.look(login, "notification")} for login in self.addresses}

    def withdraw(self) -> None:
        """The phones want no push any more; one that is dead says nothing."""
        for login in self.addresses:
            with suppress(DayFailedError, OSError):
                self.stage.phones[login].ask(Reach("", ""), Entered)

    def wait_for(self, wanted: Collection[About]) -> None:
        """Wait until a push about each of these has arrived, or for a while."""
        until = time.monotonic() + WAIT_S
        while {*wanted} - self.told() and time.monotonic() < until:
            time.sleep(LOOK_S)

    def told(self) -> set[About]:
        """The records that arrived pushes are about, of each phone."""
        logins = {address: login for login, address in self.addresses.items()}
        return {(logins[one.address], one.subject) for one in self._arrivals()}

    def count(self) -> Pushed:
        """Wait for what must still arrive, and count."""
        notices = {login: self._notices(login) for login in self.addresses}
        until = time.monotonic() + WAIT_S
        while (pushed := self._counted(notices)).lost and time.monotonic() < until:
            time.sleep(LOOK_S)
        return pushed

    def _arrivals(self) -> list[Arrival]:
        return [one for one in self.providers.arrivals() if one.address in self.addresses.values()]

    def _notices(self, login: str) -> Mapping[str, Slots]:
        """The notices on this phone by id."""
        return {str(one["id"]): one for one in self.stage.look(login, "notification")}

    def _counted(self, notices: Mapping[str, Mapping[str, Slots]]) -> Pushed:
        arrivals = self._arrivals()
        came = {(one.address, one.notice) for one in arrivals}
        waiting = {
            (self.addresses[login], key)
            for login, mine in notices.items()
            for key, one in mine.items()
            if key not in self._known[login]
            and _ms(one, "state") < NotificationState.seen
            and (login, one["subject_id"]) not in self.wanted
        }
        lost = len(waiting - came) + len(self.wanted - self.told())
        return Pushed(len(arrivals), lost, sum(self._in_vain(one, notices) for one in arrivals))

    def _in_vain(self, one: Arrival, notices: Mapping[str, Mapping[str, Slots]]) -> bool:
        """Whether a push was about something that its reader had done or seen by then; a notice that the phone does not have is none of
        its user's."""
        login = next(login for login, address in self.addresses.items() if address == one.address)
        notice = notices[login].get(one.notice)
        if notice is None or (login, one.subject) in self.closed:
            return True
        return any(0 < _ms(notice, name) < one.at_ms - UNDER_WAY_MS for name in ("seen_ms", "done_ms"))


def _ms(notice: Slots, name: str) -> int:
    return int(notice.get(name) or 0)
