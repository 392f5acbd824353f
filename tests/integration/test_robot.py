"""The robot of an organisation: what an admin may say of it, and what its group hears (D-945)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from notifications.robot import kind_of
from server.database import Database
from server.jobs.channels import ways
from server.jobs.push import Sender
from server.jobs.sending import Sending
from server.settings import Settings
from server.store import providers, robots
from shared_schema.records.reference import Role
from tests.integration.site import Site, code, site
from tests.push.fake_robot import FakeRobot, fake_robot
from tests.world import team_of

PATH = "/v1/desk/robot"
SECRET = "SEC of the group"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a"


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as running:
        yield running


def ask(here: Site, method: str, body: dict[str, Any] | None = None, account: str = "boss") -> Any:
    who = here.caller("alpha", account)
    assert who.log_in().status_code == 200
    return here.http.request(method, PATH, json=body, headers={"authorization": f"Bearer {who.session['access_token']}"})


def test_an_admin_says_where_it_is_and_nobody_reads_its_secret_again(here: Site) -> None:
    """D-945."""
    lin = here.user(here.admin(), "lin")
    here.user(here.admin(), "mai", Role.manager)
    body = {"url": WECOM, "secret": SECRET, "mentions": [{"user_id": lin, "mention": "lin.na"}]}
    assert code(ask(here, "PUT", body, "mai")) == "forbidden"
    told = ask(here, "PUT", body)
    assert told.status_code == 200, told.text
    assert (told.json()["kind"], told.json()["signed"], told.json()["mentions"]) == ("wecom", True, 1)
    assert "693a" not in told.text + ask(here, "GET").text
    org_id = here.founded["alpha"].org_id
    assert ask(here, "PUT", {"url": WECOM}).json()["signed"]
    assert not ask(here, "PUT", {"url": WECOM + "1"}).json()["signed"]
    assert ask(here, "DELETE").status_code == 200
    assert ask(here, "GET").json()["kind"] == ""
    assert here.write(robots.find, org_id) is None


FOREIGN = ("http://qyapi.weixin.qq.com/x", "https://evil.example/x", "https://127.0.0.1/wecom", "https://open.feishu.cn@evil.example/")


@pytest.mark.parametrize("url", [*FOREIGN, "no"])
def test_it_posts_to_no_host_that_a_stranger_names(here: Site, url: str) -> None:
    """D-945."""
    assert code(ask(here, "PUT", {"url": url})) == "target_refused"
    assert kind_of(url) is None


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRobot]:
    with fake_robot(tmp_path) as made:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
        yield made


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
async def test_its_group_hears_kind_and_mention_and_no_customer(
    database: Database, group: FakeRobot, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-945: a signed text, for a user without any target; what it refuses is tried again."""
    team = await team_of(database)
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    values = {"url": f"https://{group.host}/{kind}?a=1", "secret": SECRET, "since_ms": 1}
    mentions = msgspec.msgpack.encode({team.bo.user_id: "bo_1"})
    await database.write(robots.put, team.world.org_id, {**values, "mentions": mentions})
    settings = Settings(push_services=(group.host,))
    group.answer = (200, {"code": 19_021, "errcode": 310_000})
    await team.move(team.bo)
    sending = Sending(settings)
    sender = Sender(database, sending, ways(settings))
    await sender.drain()
    refused = len(group.posted)
    group.answer = (200, {"code": 0} if kind == "feishu" else {"errcode": 0})
    team.world.now_ms += 60_000
    await sender.drain()
    await sending.close()
    assert (refused, len(group.posted)) == (2, 4)
    standing = (await database.read(providers.standings))[team.world.org_id, "robot"]
    assert (standing.taken, standing.sent) == (2, 4)
    said = json.dumps(group.posted, ensure_ascii=False)
    assert "Corner Shop" not in said
    assert "bo_1" in said
    path, document = next(one for one in group.posted if "bo_1" in json.dumps(one))
    judge_signature(kind, path, document)


def judge_signature(kind: str, path: str, document: dict[str, Any]) -> None:
    """As each of the three says that a robot signs."""
    query = parse_qs(urlsplit(path).query)
    assert query["a"] == ["1"]
    if kind == "dingtalk":
        stamp = query["timestamp"][0]
        wanted = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        assert query["sign"] == [base64.b64encode(wanted).decode()]
    if kind == "feishu":
        wanted = hmac.new(f"{document['timestamp']}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
        assert document["sign"] == base64.b64encode(wanted).decode()
