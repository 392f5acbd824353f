"""A session that has ended opens nothing more, at any process, from the commit on; one that goes on is not disturbed."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import sqlalchemy as sa

import mobile_api.wake
from server.database import Database, open_database
from server.domain import tokens
from server.domain.tokens import Claims, Signer
from server.models import device, refresh_token
from server.services import actors, device_lines, enrol, login, sessions
from server.services import users as people
from server.store import schema
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Role
from shared_schema.rest import SignedIn, UserRequest
from tests.integration.site import SECRET, Caller, Site, code, found, site
from tests.integration.test_backup import restored, saved
from tests.integration.test_identity_races import NOW_MS, PHONE, SIGNER, signed_in
from tests.integration.test_refresh_reuse import refused, renewed
from tests.integration.test_wake import listening
from tests.operator import outrider

SYNC = {"protocol": 1, "schema": 1, "app": "test", "cursor": "", "acked_n": 0, "device_ms": NOW_MS}
OTHER = "another good horse"


class People:
    """The admin, and a manager on two phones; a second process stands beside the first."""

    def __init__(self, here: Site, there: Site) -> None:
        self.here, self.there = here, there
        self.boss = here.admin()
        self.mo_id = here.user(self.boss, "mo", Role.manager)
        self.phone, self.tablet = (here.caller("alpha", "mo") for _ in range(2))

    def mo(self, **changed: Any) -> None:
        """Change the manager at the desk."""
        assert self.here.user(self.boss, "mo", Role.manager, id=self.mo_id, **changed) == self.mo_id


@pytest.fixture
def team(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
    monkeypatch.setattr(mobile_api.wake, "LOOK_S", 0.3)
    with site(migrated_url) as here, site(migrated_url, here.founded) as there:
        yield People(here, there)


def opened(who: Site, session: dict[str, Any]) -> set[str]:
    """What each door answers to an access token: read, write, both ways to wait, and a new line."""
    caller = Caller(who, "alpha", "mo")
    caller.session = session
    with who.http.stream("GET", "/v1/wake", headers={**caller._headers(), "accept": "text/event-stream"}) as bell:
        told = "200" if bell.status_code == 200 else str(json.loads(bell.read())["code"])
    doors = (caller.get("/v1/desk/devices"), caller.post("/v1/sync", SYNC), caller.get("/v1/wake?wait_s=0"))
    return {told, *map(code, doors), code(caller.post("/v1/device/fork"))}


def log_out(team: People, _: Path) -> None:
    assert team.there.http.post("/v1/logout", json={"refresh_token": team.phone.session["refresh_token"]}).status_code == 200


def reset_at_the_desk(team: People, _: Path) -> None:
    team.mo(password=OTHER)


def reset_by_the_command(team: People, folder: Path) -> None:
    said = outrider(folder, team.here.url, "admin", "reset-password", "--organisation", "alpha", "--account", "mo")
    assert said.returncode == 0, said


def left_and_came_back(team: People, _: Path) -> None:
    team.mo(active=False)
    team.mo(active=True)


def signed_in_again(team: People, _: Path) -> None:
    assert team.phone.log_in().status_code == 200


def new_password_by_code(team: People, _: Path) -> None:
    given = team.boss.post("/v1/desk/codes", {"user_id": team.mo_id}).json()["code"]
    assert team.here.caller("alpha", "mo").enrol(given, OTHER).status_code == 200


def used_up_token_shown(team: People, _: Path) -> None:
    stolen = team.phone.session["refresh_token"]
    team.phone.refresh(team.phone.refresh(stolen).json()["refresh_token"])
    assert code(team.phone.refresh(stolen)) == "refresh_reused"


ENDINGS: tuple[tuple[Callable[[People, Path], None], bool], ...] = (
    (log_out, False),
    (reset_at_the_desk, True),
    (reset_by_the_command, True),
    (left_and_came_back, True),
    (signed_in_again, False),
    (new_password_by_code, True),
    (used_up_token_shown, False),
)
"""How a session ends, and whether those of the user's other devices end with it."""


@pytest.mark.parametrize(("ending", "everywhere"), ENDINGS, ids=lambda one: getattr(one, "__name__", ""))
def test_no_access_token_of_an_ended_session_opens_anything(
    team: People, tmp_path: Path, ending: Callable[[People, Path], None], everywhere: bool
) -> None:
    """P-010, P-011, P-012: at the process that did it and at another one, for reading, writing, waiting and a new line."""
    for caller in (team.phone, team.tablet):
        assert caller.log_in().status_code == 200
    old, other = team.phone.session, team.tablet.session
    assert [team.there.http.get("/v1/desk/devices", headers=team.phone._headers()).status_code] == [200]
    ending(team, tmp_path)
    assert [opened(who, old) for who in (team.here, team.there)] == [{"signed_out"}] * 2
    assert (code(team.tablet.get("/v1/desk/devices")) == "signed_out") == everywhere
    assert (code(team.tablet.refresh(other["refresh_token"])) == "signed_out") == everywhere
    assert team.boss.get("/v1/desk/devices").status_code == 200


@pytest.mark.parametrize("ending", [log_out, reset_at_the_desk, left_and_came_back])
def test_who_waits_for_a_hint_hears_no_more_after_the_end(team: People, tmp_path: Path, ending: Callable[[People, Path], None]) -> None:
    """P-803."""
    assert team.phone.log_in().status_code == 200
    team.phone.site = team.there
    with listening(team.phone) as stream:
        ending(team, tmp_path)
        while stream.event():
            pass


def test_a_refresh_keeps_the_session_and_what_is_under_way(team: People) -> None:
    """P-010."""
    assert team.phone.log_in().status_code == 200
    before = team.phone.session
    team.phone.session = team.phone.refresh().json()
    assert team.phone.get("/v1/desk/devices").status_code == 200
    team.phone.session = before
    assert team.phone.get("/v1/desk/devices").status_code == 200


def test_a_fork_takes_the_session_along_and_is_not_repeated_after_its_end(team: People) -> None:
    """P-013."""
    assert team.phone.log_in().status_code == 200
    old = team.phone.session
    forked, again = (team.phone.post("/v1/device/fork").json() for _ in range(2))
    assert forked["line_no"] == again["line_no"] != old["line_no"]
    assert team.here.http.post("/v1/logout", json={"refresh_token": again["refresh_token"]}).status_code == 200
    assert [opened(team.here, session) for session in (old, forked, again)] == [{"signed_out"}] * 3
    assert team.phone.log_in().json()["line_no"] == again["line_no"]
    assert opened(team.there, old) == {"signed_out"}


def test_a_revoked_device_is_told_to_wipe_itself_though_its_session_has_ended(team: People) -> None:
    """P-708: a lost phone whose user had his password reset first."""
    assert team.phone.log_in().status_code == 200
    team.mo(password=OTHER)
    assert team.boss.post(f"/v1/desk/devices/{team.phone.session['line_no']}/revoke").status_code == 200
    assert code(team.phone.get("/v1/desk/devices")) == "device_wipe"
    assert [code(team.phone.post("/v1/sync", SYNC)) for _ in range(2)] == ["device_wipe", "device_revoked"]


def test_a_token_of_an_older_server_is_refreshed(team: People) -> None:
    """P-005: it names no session, so it counts as expired; nobody signs in anew."""
    assert team.phone.log_in().status_code == 200
    body = jwt.decode(team.phone.session["access_token"], options={"verify_signature": False})
    body.pop("ses")
    token = jwt.encode(body, SECRET, algorithm="HS256")
    refused = team.here.http.get("/v1/desk/devices", headers={"authorization": f"Bearer {token}"})
    assert (refused.status_code, code(refused), refused.json()["remedy"]) == (401, "token_expired", "refresh")
    team.phone.session = team.phone.refresh().json()
    assert team.phone.get("/v1/desk/devices").status_code == 200


async def test_a_session_of_before_the_upgrade_goes_on(database_url: str) -> None:
    """The tables of the version before, with a phone that is signed in."""
    await schema.alone(database_url, schema.upgrade, "0010")
    token = tokens.RefreshToken(1, b"f" * 16, b"s" * 32)
    rows = {
        "org": {"org_id": 1, "login": "alpha", "epoch": 1, "rev_floor": 0, "device_approval": False, "created_ms": 1},
        "account": {"org_id": 1, "user_id": b"u" * 16, "login": "ann", "password_hash": "", "language": "en", "created_ms": 1},
        "person": {"org_id": 1, "id": b"u" * 16, "rev": 1, "name": "Ann", "role": 5, "active": True},
        "refresh_token": {
            "org_id": 1,
            "hash": token.hash,
            "family_id": token.family_id,
            "line_no": 1,
            "issued_ms": 1,
            "expires_ms": 10**15,
        },
        "attempt": {"key": "account:alpha/ann", "count": 3, "window_ms": 1},
    }
    numbers = ("last_n", "acked_n", "backed_up_n", "failed_n", "failed_tries", "skew_ms", "seen_ms", "created_ms", "resets")
    line = {"org_id": 1, "installation_id": b"i" * 16, "user_id": b"u" * 16, "name": "", "state": "active", "app": ""}
    database = open_database(database_url)
    for table, row in (*rows.items(), *(("device", line | dict.fromkeys(numbers, 0) | {"line_no": no}) for no in (1, 2))):
        await database.write(_insert, table, row)
    await schema.migrate(database_url)
    begun = await database.write(sessions.renew, SIGNER, token.text, NOW_MS)
    assert isinstance(begun, SignedIn)
    claims = tokens.read(SIGNER, begun.access_token, NOW_MS)
    assert (await acting(database, claims), await acting(database, Claims(1, b"u" * 16, 2, claims.session_id))) == ("let in", "signed_out")
    await database.close()


def _insert(conn: sa.Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    conn.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


async def acting(database: Database, claims: Claims) -> str:
    """Whether these claims act."""
    try:
        await database.read(actors.actor, claims, NOW_MS)
    except Problem as problem:
        return problem.code.word
    return "let in"


async def log_in(database: Database) -> SignedIn:
    """The same admin on the same phone, once more."""
    credential = await database.write(login.admit, "alpha", "boss", "10.0.0.1", NOW_MS)
    begun = await database.write(login.finish, SIGNER, credential, PHONE, True, NOW_MS)
    assert isinstance(begun, SignedIn)
    return begun


async def test_a_restored_session_goes_on_and_one_begun_since_the_backup_never_comes_back(migrated_url: str, tmp_path: Path) -> None:
    """P-018: what was signed in at the backup goes on; no later session gets the place of one that the restore forgot."""
    database = open_database(migrated_url)
    first = await signed_in(database)
    await saved(database, tmp_path / "one.backup")
    second = await log_in(database)
    old, lost = (tokens.read(SIGNER, one.access_token, NOW_MS) for one in (first, second))
    assert [await acting(database, one) for one in (old, lost)] == ["signed_out", "let in"]
    await database.close()
    await restored(migrated_url, tmp_path / "one.backup", replace=True)
    database = open_database(migrated_url)
    assert [await acting(database, one) for one in (old, lost)] == ["let in", "signed_out"]
    assert isinstance(await database.write(sessions.renew, SIGNER, first.refresh_token, NOW_MS), SignedIn)
    third = tokens.read(SIGNER, (await log_in(database)).access_token, NOW_MS)
    assert [await acting(database, one) for one in (old, lost, third)] == ["signed_out", "signed_out", "let in"]
    await database.close()


@pytest.mark.parametrize("thief_first", [False, True])
async def test_a_phone_that_refreshed_since_the_backup_stays_signed_in_after_the_restore(
    migrated_url: str, tmp_path: Path, thief_first: bool
) -> None:
    """P-018: its newest token is known again by the server's key and its moment; two who show tokens of the lost time are still a theft."""
    minute = 60_000
    database = open_database(migrated_url)
    begun = await signed_in(database)
    await saved(database, tmp_path / "one.backup")
    copied = await renewed(database, begun.refresh_token, NOW_MS + 15 * minute)
    newest = await renewed(database, copied.refresh_token, NOW_MS + 30 * minute)
    await database.close()
    await restored(migrated_url, tmp_path / "one.backup", replace=True)
    database = open_database(migrated_url)
    forged = tokens.new_refresh_token(
        Signer(bytes(32)), 1, tokens.refresh_token(newest.refresh_token).family_id, bytes(32), NOW_MS + minute
    )
    if thief_first:
        await renewed(database, copied.refresh_token, NOW_MS + 45 * minute)
        shown = newest.refresh_token
    else:
        goes_on = await renewed(database, newest.refresh_token, NOW_MS + 45 * minute)
        assert await acting(database, tokens.read(SIGNER, newest.access_token, NOW_MS + 30 * minute)) == "let in"
        goes_on = await renewed(database, goes_on.refresh_token, NOW_MS + 60 * minute)
        shown = copied.refresh_token
    for token, word in ((shown, Code.refresh_reused), (forged.text, Code.signed_out)):
        assert await refused(database, token, NOW_MS + 75 * minute) is word
    await database.close()


async def test_a_log_out_beside_refreshes_leaves_no_token_behind(database: Database) -> None:
    """P-010: whichever comes first, no refresh under way outlives the end of its session."""
    begun = await signed_in(database)
    for at in range(12):
        renewals = (database.write(sessions.renew, SIGNER, begun.refresh_token, NOW_MS + at) for _ in range(3))
        ending = database.write(sessions.end, begun.refresh_token) if at % 2 else database.write(people.reset_password, "alpha", "boss", "")
        told = await asyncio.gather(*renewals, ending, return_exceptions=True)
        assert {type(one) for one in told} <= {SignedIn, Problem, type(None)}
        assert await database.read(_left) == (0, 0)
        begun = await log_in(database)


def _left(conn: sa.Connection) -> tuple[int, int]:
    living = sa.select(sa.func.count()).select_from(device).where(device.c.session_id.is_not(None))
    return int(conn.execute(sa.select(sa.func.count()).select_from(refresh_token)).scalar_one()), int(conn.execute(living).scalar_one())


@pytest.mark.parametrize("change", ["command", "desk", "code"])
async def test_a_password_that_changes_between_check_and_session_is_a_wrong_one(database: Database, change: str) -> None:
    """P-017: the old password matched, and is no longer the account's when the session would begin."""
    founded = (await found(database))["alpha"]
    credential = await database.write(login.admit, "alpha", "boss", "10.0.0.1", NOW_MS)
    if change == "command":
        await database.write(people.reset_password, "alpha", "boss", "new hash")
    elif change == "desk":
        asked = UserRequest(id=founded.user_id, login="boss", name="Boss", role=Role.admin)
        await database.write(people.put, founded.org_id, asked, "new hash", NOW_MS)
    else:
        made_ms = founded.code.expires_ms - 1
        attempt = await database.write(enrol.admit, "alpha", founded.code.code, "10.0.0.2", made_ms)
        assert isinstance(attempt, enrol.Attempt)
        other = device_lines.Phone(b"o" * 16, "other", "test")
        assert isinstance(await database.write(enrol.finish, SIGNER, attempt, other, "new hash", made_ms), SignedIn)
    told = await database.write(login.finish, SIGNER, credential, PHONE, True, NOW_MS)
    assert isinstance(told, Problem)
    assert told.code is Code.login_wrong
    assert await database.read(_installations) == ([b"o" * 16] if change == "code" else [])


def _installations(conn: sa.Connection) -> list[bytes]:
    return list(conn.execute(sa.select(device.c.installation_id)).scalars())


async def test_log_ins_beside_a_reset_begin_no_session_that_outlives_it(database: Database) -> None:
    """P-011: a log-in with the old password either comes before the reset, which ends it, or is wrong."""
    await found(database)
    credential = await database.write(login.admit, "alpha", "boss", "10.0.0.1", NOW_MS)
    finishes = [
        database.write(login.finish, SIGNER, credential, device_lines.Phone(bytes([at]) * 16, "phone", "test"), True, NOW_MS)
        for at in range(6)
    ]
    told = await asyncio.gather(*finishes[:3], database.write(people.reset_password, "alpha", "boss", "new hash"), *finishes[3:])
    assert {one.code for one in told if isinstance(one, Problem)} <= {Code.login_wrong}
    assert await database.read(_left) == (0, 0)
