"""Hints over HTTP: who is woken by whose write, across processes; what is lost heals; who may not hear, hears nothing."""

import json
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import mobile_api.wake
from server.chance import now_ms
from server.services import tables
from shared_schema.records.reference import DepartmentRequest, Role
from shared_schema.wire import Kind
from tests.integration.loopback import NO_TLS
from tests.integration.site import Caller, Site, beside, code, found, site
from tests.integration.test_serve import READY_S, serving

WOKEN_S = 2.0
QUIET_S = 1.5
ROOM_S = 20.0
NOW_MS = 1_780_000_000_000


class Stream:
    """The open event stream of one person; `marks` of the hints it was given."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.iter_lines()

    def event(self, patience_s: float = WOKEN_S) -> str | None:
        """The mark of the next hint, past signs of life; None when the stream has ended. TimeoutError: there was none."""
        until_s, mark = time.monotonic() + patience_s, ""
        try:
            for line in self._lines:
                if line.startswith("id: "):
                    mark = line.removeprefix("id: ")
                elif line == "event: wake":
                    return mark
                elif time.monotonic() > until_s:
                    break
            else:
                return None
        except httpx.ReadTimeout:
            pass
        raise TimeoutError


@contextmanager
def listening(who: Caller, patience_s: float = WOKEN_S, mark: str = "") -> Iterator[Stream]:
    """Open a stream on a connection of its own; the first hint, which everybody without a mark gets, is taken."""
    headers = {**who._headers(), "accept": "text/event-stream", **({"last-event-id": mark} if mark else {})}
    timeout = httpx.Timeout(READY_S, read=patience_s)
    with (
        httpx.Client(base_url=who.site.http.base_url, timeout=timeout, verify=NO_TLS) as http,
        http.stream("GET", "/v1/wake", headers=headers) as answer,
    ):
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        stream = Stream(answer)
        if not mark:
            assert stream.event()
        yield stream


def quiet(stream: Stream) -> None:
    with pytest.raises(TimeoutError):
        stream.event(QUIET_S)


def push(who: Caller, n: int = 1) -> None:
    """Enter a new shop, as a phone does."""
    group = {"first_n": n, "index": 0, "count": 1}
    made = {"n": n, "group": group, "kind": int(Kind.create), "entity": 1, "id": str(uuid.uuid4())}
    made |= {"bases": {}, "body": {"name": f"Shop {n}"}, "device_ms": NOW_MS}
    asked = {"protocol": 1, "schema": 1, "app": "test", "cursor": "", "acked_n": n - 1, "device_ms": NOW_MS, "mutations": [made]}
    answer = who.post("/v1/sync", asked)
    assert answer.status_code == 200, answer.text
    assert [one["result"] for one in answer.json()["outcomes"]] == [1]


class Team:
    """Ann reports to max, bob to nobody; boss is their admin, and beta has a boss of its own."""

    def __init__(self, here: Site) -> None:
        self.boss = here.admin()
        department = self.boss.post("/v1/desk/departments", {"name": "Sales"}).json()["id"]
        here.user(self.boss, "ann", department_id=department)
        here.user(self.boss, "max", Role.manager, department_id=department)
        here.user(self.boss, "bob")
        self.ann, self.max, self.bob = (signed_in(here, name) for name in ("ann", "max", "bob"))
        self.stranger = here.admin("beta")


def signed_in(here: Site, account: str) -> Caller:
    caller = here.caller("alpha", account)
    assert caller.log_in().status_code == 200
    return caller


@pytest.fixture
def here(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """One process, this one, that looks often."""
    monkeypatch.setattr(mobile_api.wake, "LOOK_S", 0.3)
    with site(migrated_url) as served:
        yield served


@pytest.fixture
def two(migrated_url: str, tmp_path: Path) -> Iterator[tuple[Site, Site]]:
    """Two server processes on PostgreSQL; on SQLite, which serves one, the same one twice."""
    founded = beside(migrated_url, found)
    with ExitStack() as running:
        sites = []
        for _ in range(1 if migrated_url.startswith("sqlite") else 2):
            _, port = running.enter_context(serving(tmp_path, migrated_url, "--make-secret"))
            http = running.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=READY_S, verify=NO_TLS))
            sites.append(Site(migrated_url, http, founded))
        yield sites[0], sites[-1]


def test_a_push_at_one_process_wakes_who_may_see_it_at_another_and_nobody_else(two: tuple[Site, Site]) -> None:
    """P-801, P-802."""
    here, there = two
    team = Team(here)
    for who in (team.max, team.bob, team.stranger):
        who.site = there
    with listening(team.max) as his, listening(team.bob, QUIET_S) as bobs, listening(team.stranger, QUIET_S) as foreign:
        push(team.ann)
        first = his.event()
        push(team.ann, 2)
        assert his.event() != first
        quiet(bobs)
        quiet(foreign)
    with listening(team.max) as his, listening(team.bob) as bobs, listening(team.stranger, QUIET_S) as foreign:
        assert team.boss.post("/v1/desk/products", {"code": "P1", "name": "Tea", "unit": "box"}).status_code == 200
        assert his.event()
        assert bobs.event()
        quiet(foreign)


def test_a_server_that_stops_ends_its_streams_at_once(migrated_url: str, tmp_path: Path) -> None:
    founded = beside(migrated_url, found)
    with (
        serving(tmp_path, migrated_url, "--make-secret") as (process, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", verify=NO_TLS) as http,
    ):
        boss = Site(migrated_url, http, founded).admin()
        with listening(boss, 5.0) as stream:
            process.terminate()
            assert stream.event() is None
            assert process.wait(5) is not None
        levels = {json.loads(line)["level"] for line in process.communicate()[0].splitlines()}
        assert levels == {"info"}


def lost(here: Site, who: Caller) -> None:
    """Write beside the server, as a process that dies between its commit and its announcement: nobody hears of it."""
    here.write(tables.save, who.claims, DepartmentRequest(name="West"), now_ms())


def hang_up(who: Caller) -> None:
    """Ask for a stream and be gone before it begins."""
    url = who.site.http.base_url
    head = f"GET /v1/wake HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: {who._headers()['authorization']}\r\n\r\n"
    with socket.create_connection((url.host, url.port or 80)) as line:
        line.sendall(head.encode())


def test_a_lost_hint_is_healed_by_looking(here: Site) -> None:
    """P-804."""
    team = Team(here)
    with listening(team.max) as his:
        lost(here, team.boss)
        assert his.event()


def test_a_revoked_device_hears_no_more_and_learns_why_when_it_asks_again(here: Site) -> None:
    """P-803."""
    team = Team(here)
    with listening(team.ann) as hers:
        assert team.boss.post(f"/v1/desk/devices/{team.ann.session['line_no']}/revoke").status_code == 200
        while hers.event():
            pass
    for accept in ("text/event-stream", "application/json"):
        refused = here.http.get("/v1/wake?wait_s=1", headers={**team.ann._headers(), "accept": accept})
        assert code(refused) == "device_wipe"
    assert code(here.http.get("/v1/wake")) == "signed_out"


def test_a_mark_bridges_the_time_between_two_connections(here: Site) -> None:
    """P-802: what moved while nobody listened wakes at once; what did not, does not."""
    team = Team(here)
    mark = poll(team.max)["mark"]
    with listening(team.max, QUIET_S, mark) as his:
        quiet(his)
    push(team.ann)
    with listening(team.max, mark=mark) as his:
        assert his.event() == poll(team.max)["mark"] != mark


def poll(who: Caller, wait_s: int = 0, mark: str = "") -> Any:
    answer = who.get(f"/v1/wake?wait_s={wait_s}&mark={mark}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_long_request_answers_at_once_when_something_moved_and_at_its_end_when_not(here: Site) -> None:
    """P-805."""
    team = Team(here)
    first = poll(team.max, 25)
    assert first["wake"]
    assert poll(team.max, 1, first["mark"]) == {"wake": False, "mark": first["mark"]}
    push(team.ann)
    moved = poll(team.max, 25, first["mark"])
    assert moved["wake"]
    assert moved["mark"] != first["mark"]
    assert moved["mark"] != poll(team.bob)["mark"]
    assert code(team.max.get("/v1/wake?wait_s=26")) == "parameter_wrong"
    assert code(team.max.get("/v1/wake?wait_s=-1")) == "parameter_wrong"
    assert code(team.max.get(f"/v1/wake?mark={'x' * 33}")) == "parameter_wrong"
    assert code(here.http.get("/v1/wake", headers={**team.max._headers(), "accept": "text/html"})) == "not_acceptable"


def test_a_third_stream_of_a_device_ends_its_first(here: Site) -> None:
    """P-806."""
    boss = here.admin()
    with listening(boss) as first, listening(boss, QUIET_S) as second, listening(boss, QUIET_S) as third:
        assert first.event() is None
        quiet(second)
        quiet(third)


def test_too_many_are_refused_and_those_who_hang_up_make_room(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-806: also those who hang up before the first byte."""
    monkeypatch.setattr(mobile_api.wake, "WAITING_MAX", 2)
    team = Team(here)
    with listening(team.ann), listening(team.bob):
        assert code(team.max.get("/v1/wake")) == "busy"
    for _ in range(20):
        hang_up(team.max)
    with ExitStack() as inside:
        for who in (team.ann, team.bob):
            inside.enter_context(_let_in(who))
        assert code(team.max.get("/v1/wake")) == "busy"


@contextmanager
def _let_in(who: Caller) -> Iterator[None]:
    """A stream as soon as there is room for one: the server may not have seen yet that somebody hung up."""
    headers = {**who._headers(), "accept": "text/event-stream"}
    until_s = time.monotonic() + ROOM_S
    while time.monotonic() < until_s:
        with who.site.http.stream("GET", "/v1/wake", headers=headers) as answer:
            if answer.status_code == 200:
                yield
                return
    raise AssertionError("nobody who hung up made room")
