"""Identity where two things happen at once, the operator's command, and the wipe through the main door."""

import asyncio
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from mobile_api.commands.admin import command
from server import chance
from server.database import Database
from server.domain import throttle, tokens
from server.domain.exchange import LATE_MS, SUCCESSORS_MAX
from server.domain.tokens import Signer
from server.models import attempt, device, refresh_token
from server.services import device_lines, devices, enrol, login, sessions
from shared_schema.problem import Code, Problem
from shared_schema.rest import SignedIn
from shared_schema.wire import ENCODER, PROTOCOL, SCHEMA, SyncRequest
from tests.integration.site import SECRET, Site, code, found, site

SIGNER = Signer(SECRET)
PHONE = device_lines.Phone(b"i" * 16, "phone", "test")
NOW_MS = 1_780_000_000_000


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as served_site:
        yield served_site


async def signed_in(database: Database) -> SignedIn:
    """The admin of alpha on one phone."""
    await found(database)
    credential = await database.write(login.admit, "alpha", "boss", "10.0.0.1", NOW_MS)
    begun = await database.write(login.finish, SIGNER, credential, PHONE, True, NOW_MS)
    assert isinstance(begun, SignedIn)
    return begun


async def rows(database: Database, table: sa.Table) -> int:
    return await database.read(lambda conn: int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()))


async def test_log_ins_at_the_same_time_open_one_line(database: Database) -> None:
    await found(database)
    credential = await database.write(login.admit, "alpha", "boss", "10.0.0.1", NOW_MS)
    begun = await asyncio.gather(*(database.write(login.finish, SIGNER, credential, PHONE, True, NOW_MS) for _ in range(8)))
    assert {one.line_no for one in begun if isinstance(one, SignedIn)} == {1}
    assert await rows(database, device) == 1


async def test_a_password_and_a_code_at_the_same_time_open_one_line(database: Database) -> None:
    founded = (await found(database))["alpha"]
    code_ms = founded.code.expires_ms - 1
    credential = await database.write(login.admit, "alpha", "boss", "10.0.0.1", NOW_MS)
    admitted = await database.write(enrol.admit, "alpha", founded.code.code, "10.0.0.2", code_ms)
    assert isinstance(admitted, enrol.Attempt)
    await asyncio.gather(*(database.read(lambda conn: None) for _ in range(4)))  # connections that are open already do not queue
    await asyncio.gather(
        database.write(login.finish, SIGNER, credential, PHONE, True, NOW_MS),
        database.write(enrol.finish, SIGNER, admitted, PHONE, None, code_ms),
    )
    assert await rows(database, device) == 1


async def test_windows_of_failures_that_are_over_are_forgotten(database: Database) -> None:
    await found(database)
    for account, now_ms in (("boss", NOW_MS), ("boss", NOW_MS + throttle.WINDOW_MS), ("ann", NOW_MS + 4 * throttle.WINDOW_MS)):
        credential = await database.write(login.admit, "alpha", account, "10.0.0.99", now_ms)
        told = await database.write(login.finish, SIGNER, credential, PHONE, False, now_ms)
        assert isinstance(told, Problem)
        assert told.code is Code.login_wrong
    assert await rows(database, attempt) == 3


async def test_refreshes_at_the_same_time_all_answer_and_the_family_stays_small(database: Database) -> None:
    begun = await signed_in(database)
    renewals = (database.write(sessions.renew, SIGNER, begun.refresh_token, NOW_MS + at) for at in range(SUCCESSORS_MAX + 4))
    told = await asyncio.gather(*renewals)
    assert all(isinstance(one, SignedIn) for one in told)
    assert await rows(database, refresh_token) == SUCCESSORS_MAX + 1
    youngest = max((one for one in told if isinstance(one, SignedIn)), key=lambda one: one.refresh_expires_ms)
    later_ms = NOW_MS + LATE_MS + SUCCESSORS_MAX + 4
    assert isinstance(await database.write(sessions.renew, SIGNER, youngest.refresh_token, later_ms), SignedIn)
    assert await rows(database, refresh_token) == 2


async def test_a_code_is_spent_once_by_two_at_once(database: Database) -> None:
    founded = (await found(database))["alpha"]
    made = founded.code
    admitted = await database.write(enrol.admit, "alpha", made.code, "10.0.0.1", made.expires_ms - 1)
    assert isinstance(admitted, enrol.Attempt)
    phones = [device_lines.Phone(bytes([at]) * 16, "phone", "test") for at in range(6)]
    told = await asyncio.gather(
        *(database.write(enrol.finish, SIGNER, admitted, phone, None, made.expires_ms - 1) for phone in phones), return_exceptions=True
    )
    assert [isinstance(one, SignedIn) for one in told].count(True) == 1
    assert await rows(database, device) == 1


async def test_forks_at_the_same_time_open_one_line(database: Database) -> None:
    begun = await signed_in(database)
    claims = tokens.read(SIGNER, begun.access_token, NOW_MS)
    told = await asyncio.gather(*(database.write(devices.fork, SIGNER, claims, NOW_MS) for _ in range(5)))
    assert {one.line_no for one in told if isinstance(one, SignedIn)} == {2}
    assert await rows(database, device) == 2


async def test_a_refresh_token_lives_for_its_days(database: Database) -> None:
    begun = await signed_in(database)
    with pytest.raises(Problem) as caught:
        await database.write(sessions.renew, SIGNER, begun.refresh_token, begun.refresh_expires_ms)
    assert caught.value.code is Code.signed_out
    assert isinstance(await database.write(sessions.renew, SIGNER, begun.refresh_token, begun.refresh_expires_ms - 1), SignedIn)


@pytest.mark.parametrize(("organisation", "account"), [("nowhere", "boss"), ("alpha", "nobody")])
async def test_an_unknown_account_is_compared_at_the_full_price(database: Database, organisation: str, account: str) -> None:
    await found(database)
    credential = await database.write(login.admit, organisation, account, "10.0.0.1", NOW_MS)
    assert not credential.known
    assert credential.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    told = await database.write(login.finish, SIGNER, credential, PHONE, True, NOW_MS)
    assert isinstance(told, Problem)
    assert told.code is Code.login_wrong


def test_the_first_sync_after_a_revocation_is_kept_and_told_to_wipe_once(here: Site) -> None:
    """P-708: device_wipe until one last upload was taken, device_revoked from then on."""
    boss = here.admin()
    here.user(boss, "ann")
    ann = here.caller("alpha", "ann")
    ann.log_in()
    body = ENCODER.encode(SyncRequest(PROTOCOL, SCHEMA, "test", b"", 0, chance.now_ms()))
    headers = {"authorization": f"Bearer {ann.session['access_token']}", "content-type": "application/vnd.msgpack"}
    assert here.http.post("/v1/sync", content=body, headers=headers).status_code == 200
    boss.post(f"/v1/desk/devices/{ann.session['line_no']}/revoke")
    told = [here.http.post("/v1/sync", content=body, headers=headers) for _ in range(3)]
    assert [code(answer) for answer in told] == ["device_wipe", "device_revoked", "device_revoked"]
    assert [answer.json()["remedy"] for answer in told[:2]] == ["drop", "sign_in"]


def test_the_operator_makes_an_organisation_and_resets_a_password(database_url: str) -> None:
    run = CliRunner(env={"OUTRIDER_DATABASE_URL": database_url}).invoke
    empty = run(command, ["reset-password", "--organisation", "acme", "--account", "boss"])
    assert (empty.exit_code, "migrate" in empty.output) == (1, True)
    made = run(command, ["create-organisation", "--login", "acme", "--name", "Acme 公司", "--account", "boss", "--device-approval"])
    assert made.exit_code == 0, made.output
    words = dict(line.split(maxsplit=1) for line in made.output.splitlines())
    again = run(command, ["create-organisation", "--login", "acme", "--name", "Acme", "--account", "boss"])
    assert (again.exit_code, "account_taken" in again.output) == (1, True)
    assert run(command, ["create-organisation", "--login", "Ac me", "--name", "Acme", "--account", "boss"]).exit_code == 1
    reset = run(command, ["reset-password", "--organisation", "acme", "--account", "boss"])
    assert reset.exit_code == 0
    assert words["password"] not in reset.output
