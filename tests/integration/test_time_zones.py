"""Time zones: checked wherever they enter, corrected by operator and admin; no entry is at fault for one that is none (D-001)."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from server.database import Database
from server.domain.time_zones import is_known
from server.models import RECORD_TABLES
from shared_schema.records.inbox import Value
from shared_schema.records.quote import Quote, QuoteLine, Submit
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.agreed.quotes import content_hash
from sync.device import Edit
from tests.integration.site import Site, code
from tests.operator import outrider
from tests.world import team_of, words

WRONG = ("Asia/Beijing", "UTC+8", "CST", "../../etc/passwd", "Asia", "posix/Asia/Shanghai", "localtime", "asia/shanghai ", "", "\x00")
BROKEN = sa.update(RECORD_TABLES["organisation"]).values(time_zone="Asia/Beijing")


def spoil(conn: sa.Connection) -> None:
    """What a version before let in."""
    conn.execute(BROKEN)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_time_zone(name: str) -> None:
    assert not is_known(name)


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "UTC", "America/Argentina/Ushuaia"])
def test_what_is_one(name: str) -> None:
    assert is_known(name)


def test_the_operator_is_told_and_corrects_it(tmp_path: Path, migrated_url: str) -> None:
    """D-001."""
    create = ("admin", "create-organisation", "--login", "acme", "--name", "Acme", "--account", "boss")
    refused = outrider(tmp_path, migrated_url, *create, "--time-zone", "Asia/Beijing")
    assert (refused.returncode, "Asia/Shanghai (China)" in refused.stderr) == (1, True)
    assert outrider(tmp_path, migrated_url, *create).returncode == 0
    correct = ("admin", "set-time-zone", "--organisation", "acme", "--time-zone")
    assert outrider(tmp_path, migrated_url, *correct, "UTC+8").returncode == 1
    assert "Europe/Berlin" in outrider(tmp_path, migrated_url, *correct, "Europe/Berlin").stdout
    unknown = outrider(tmp_path, migrated_url, "admin", "set-time-zone", "--organisation", "none", "--time-zone", "UTC")
    assert (unknown.returncode, "no organisation “none”" in unknown.stderr) == (1, True)


def test_the_doctor_names_a_broken_one(tmp_path: Path, served: Site) -> None:
    """D-001: also how to correct it; the server starts all the same."""
    served.write(spoil)
    told = outrider(tmp_path, served.url, "doctor").stdout
    assert "organisation alpha: 'Asia/Beijing' is no time zone" in told
    assert "outrider admin set-time-zone --organisation alpha" in told


def test_the_admin_corrects_it(served: Site) -> None:
    """D-001."""
    boss = served.admin()
    profile = boss.get("/v1/desk/organisation").json()
    refused = boss.post("/v1/desk/organisation", {"name": profile["name"], "time_zone": "CST"})
    assert (code(refused), refused.json()["errors"][0]["field"]) == ("rule_broken", "time_zone")
    changed = boss.post("/v1/desk/organisation", {"name": "Acme", "time_zone": "Europe/Berlin"}).json()
    assert changed == {**profile, "name": "Acme", "time_zone": "Europe/Berlin", "rev": profile["rev"] + 1}
    lin = served.caller(account="lin")
    lin.log_in()
    assert code(lin.post("/v1/desk/organisation", {"name": "Mine", "time_zone": "UTC"})) == "forbidden"


@pytest.mark.anyio
async def test_a_broken_one_holds_up_no_entry(database: Database) -> None:
    """D-001, P-323: a quote is submitted, its year counted in UTC."""
    team = await team_of(database)
    await database.write(spoil)
    ann, ids = team.ann, team.world.ids
    head = Edit(Kind.create, BY_RECORD[Quote], next(ids), {"customer_id": team.customer_id, "currency": "CNY"})
    priced: dict[str, Value] = {"unit": "box", "quantity_thousandths": 1000, "price_minor": 100, "product_id": bytes(16)}
    line = Edit(Kind.create, BY_RECORD[QuoteLine], next(ids), {"customer_id": team.customer_id, "quote_id": head.id, **priced})
    ann.enter(head, line)
    await ann.sync()
    quote, lines = ann.view("quote", head.id), ann.view("quote_line", line.id)
    assert isinstance(quote, Quote)
    assert isinstance(lines, QuoteLine)
    ann.command("quote", head.id, Submit(content_hash(quote, [lines])))
    ann.create("visit", customer_id=team.customer_id, device_ms=team.world.now_ms)
    assert words(await ann.sync()) == [("applied", None)] * 2
    submitted = ann.view("quote", head.id)
    assert isinstance(submitted, Quote)
    assert submitted.number == "Q2026-000001"
