"""Where push reaches a device: said by the device, and only as long as its session lasts (P-810 to P-812)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from mobile_api import push_key
from mobile_api.cli import main
from notifications.vapid import made_keys, public_key
from server.models import device, push_target
from server.services import targets as service
from server.settings import Settings, SettingsError
from server.store import targets
from tests.integration.fortress import raw_id
from tests.integration.site import PASSWORD, Caller, Site, code, site

PATH = "/v1/device/push-target"
DAY_MS = 86_400_000
DEEP = '{"endpoint":"https://fcm.googleapis.com/x","keys":{"p256dh":"BA","auth":"AA"},"x":' + "[" * 1_900 + "]" * 1_900 + "}"
"""More lists within one another than the server's reader follows."""


def subscription(endpoint: str = "https://fcm.googleapis.com/fcm/send/abc") -> str:
    return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": {"p256dh": "BA", "auth": "AA"}})


def put(who: Caller, kind: str, address: str) -> Any:
    body = {"kind": kind, "address": address}
    return who.site.http.put(PATH, json=body, headers={"authorization": f"Bearer {who.session['access_token']}"})


def living(who: Caller) -> list[str]:
    """The addresses of a user that count."""
    rows = who.site.write(targets.living, who.session["org_id"], [raw_id(who.session["user_id"])])
    return [row.address for row in rows]


def spoke(conn: sa.Connection, org_id: int, line_no: int) -> int:
    """Let the device have spoken 5 ms after it said where it is; when that was."""
    since_ms: int = conn.execute(sa.select(push_target.c.since_ms)).scalar_one()
    mine = (device.c.org_id == org_id, device.c.line_no == line_no)
    conn.execute(sa.update(device).where(*mine).values(seen_ms=since_ms + 5))
    return since_ms


def signed_in(here: Site, account: str) -> Caller:
    found = here.caller("alpha", account)
    assert found.log_in().status_code == 200
    return found


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as running:
        yield running


@pytest.fixture
def ann(here: Site) -> Caller:
    here.user(here.admin(), "ann")
    return signed_in(here, "ann")


def test_a_target_lives_as_long_as_its_session(here: Site, ann: Caller) -> None:
    """P-810: said twice it is one; log-out ends it; after the next sign-in the device says it again."""
    assert put(ann, "fcm_fid", "one").status_code == 200
    assert put(ann, "fcm_token", "two:APA91_-x").status_code == 200
    assert living(ann) == ["two:APA91_-x"]
    ann.post("/v1/logout", {"refresh_token": ann.session["refresh_token"]})
    assert living(ann) == []
    assert code(put(ann, "fcm_fid", "one")) == "signed_out"
    assert ann.log_in().status_code == 200
    assert living(ann) == []
    assert put(ann, "fcm_fid", "one").status_code == 200
    assert living(ann) == ["one"]
    withdrawn = here.http.delete(PATH, headers={"authorization": f"Bearer {ann.session['access_token']}"})
    assert (withdrawn.status_code, living(ann)) == (200, [])


@pytest.mark.parametrize("end", ["revoke", "fork", "leave", "password"])
def test_it_ends_with_revoke_fork_the_user_and_a_reset(here: Site, ann: Caller, end: str) -> None:
    """P-810."""
    assert put(ann, "fcm_fid", "one").status_code == 200
    boss = here.admin()
    user = {"id": ann.session["user_id"], "login": "ann", "name": "Ann", "role": 1}
    ended = {
        "revoke": lambda: boss.post(f"/v1/desk/devices/{ann.session['line_no']}/revoke"),
        "fork": lambda: ann.post("/v1/device/fork"),
        "leave": lambda: boss.post("/v1/desk/users", {**user, "active": False}),
        "password": lambda: boss.post("/v1/desk/users", {**user, "password": PASSWORD + " new"}),
    }[end]()
    assert ended.status_code == 200, ended.text
    assert living(ann) == []


def test_an_address_is_of_one_line(here: Site, ann: Caller) -> None:
    """P-811: the phone was handed on, and nobody signed Ann out. A subscription is known by its endpoint."""
    here.user(here.admin(), "bo")
    bo = signed_in(here, "bo")
    for kind, address in (("fcm_fid", "one"), ("webpush", subscription())):
        assert put(ann, kind, address).status_code == 200
        written = address if kind == "fcm_fid" else json.dumps(dict(reversed(json.loads(address).items())))
        assert put(bo, kind, written).status_code == 200
        assert (living(ann), living(bo)) == ([], [written])


def test_a_user_has_ten_and_the_oldest_goes(here: Site, ann: Caller) -> None:
    """P-811."""
    phones = [signed_in(here, "ann") for _ in range(service.TARGETS_MAX)]
    for at, phone in enumerate([ann, *phones]):
        assert put(phone, "fcm_fid", f"phone-{at}").status_code == 200
    assert sorted(living(ann)) == sorted(f"phone-{at}" for at in range(1, service.TARGETS_MAX + 1))


def test_a_silent_one_goes(here: Site, ann: Caller) -> None:
    """P-811: by the device's last word, not by the day on which it said where it is."""
    assert put(ann, "fcm_fid", "one").status_code == 200
    org_id, line_no = ann.session["org_id"], ann.session["line_no"]
    since_ms = here.write(spoke, org_id, line_no)
    assert here.write(targets.purge, org_id, since_ms + 5) == 0
    assert here.write(targets.purge, org_id + 1, since_ms + 9) == 0
    assert here.write(targets.purge, org_id, since_ms + 6) == 1


@pytest.mark.parametrize(
    ("kind", "address", "refused"),
    [
        ("pigeon", "one", "target_kind_unknown"),
        ("", "one", "target_kind_unknown"),
        ("fcm_fid", "with a blank", "target_refused"),
        ("fcm_token", "电话", "target_refused"),
        ("webpush", "no json", "target_refused"),
        ("webpush", "{}", "target_refused"),
        ("webpush", DEEP, "target_refused"),
        ("webpush", subscription("https://127.0.0.1/x"), "target_refused"),
        ("webpush", subscription("http://fcm.googleapis.com/x"), "target_refused"),
        ("webpush", subscription("https://evil.example/x"), "target_refused"),
        ("fcm_fid", "x" * 4_001, "field_wrong"),
        ("fcm_fid", "", "field_wrong"),
    ],
)
def test_what_is_no_target_is_refused_by_its_own_code(here: Site, ann: Caller, kind: str, address: str, refused: str) -> None:
    """P-811."""
    assert code(put(ann, kind, address)) == refused
    assert living(ann) == []


@pytest.fixture
def keyed(migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Site, str]]:
    """A server with keys."""
    (file := tmp_path / "vapid.pem").write_bytes(pem := made_keys())
    key = push_key.read(Settings(push_vapid=str(file)))
    monkeypatch.setattr(push_key, "read", lambda _: key)
    with site(migrated_url) as here:
        yield here, public_key(pem)


def test_a_browser_gets_the_key(keyed: tuple[Site, str]) -> None:
    """P-812."""
    here, key = keyed
    assert here.admin().get("/v1/device/push-key").json() == {"key": key}
    assert code(here.caller().get("/v1/device/push-key")) == "signed_out"


def test_a_server_without_keys_says_so(here: Site) -> None:
    """P-812."""
    assert here.admin().get("/v1/device/push-key").json() == {"key": ""}


def test_a_key_that_none_is_keeps_the_server_from_starting(tmp_path: Path) -> None:
    (file := tmp_path / "vapid.pem").write_bytes(b"nothing")
    for named in (file, tmp_path / "missing.pem"):
        with pytest.raises(SettingsError, match="push_vapid"):
            push_key.read(Settings(push_vapid=str(named)))


def test_keys_are_made_once(tmp_path: Path) -> None:
    """P-812: other keys would end every subscription."""
    file = tmp_path / "keys.pem"
    made = CliRunner().invoke(main, ["push", "make-keys", str(file)])
    assert made.exit_code == 0, made.output
    assert public_key(file.read_bytes()) in made.output
    assert file.stat().st_mode & 0o077 == 0
    again = CliRunner().invoke(main, ["push", "make-keys", str(file)])
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    assert push_key.read(Settings(push_vapid=str(file))).text == public_key(file.read_bytes())
