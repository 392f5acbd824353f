"""Visits on real databases: evidence and verdict reach rep and manager by sync, and the rules that count visits count the proven ones."""

from typing import Any, Final

import pytest
import sqlalchemy as sa

from geo.datum import from_wgs84
from server.database import Database
from server.services import tables
from server.store import load
from shared_schema.places import Datum, Mocked, Provider, Verdict, VisitFlag
from shared_schema.records.activity import Visit
from shared_schema.records.customer import CustomerKind
from shared_schema.records.reclaim import ReclaimBasis
from shared_schema.records.reference import OrganisationRequest, Role
from shared_schema.registry import BY_NAME
from sync.agreed.amendments import facts_with_amendments
from sync.rules import Actor
from sync.state import State
from tests.integration.test_reclaim import Scene, at
from tests.integration.test_sync_pools import admin, pool_of
from tests.world import Phone, Team, team_of, words

HERE_E6: Final = (31_230_400, 121_473_700)
MINUTE_MS: Final = 60_000
PLACED: Final[dict[str, Any]] = {"latitude_e6": HERE_E6[0], "longitude_e6": HERE_E6[1], "datum": int(Datum.wgs84), "accuracy_mm": 12_000}
APPLIED: Final = ("applied", None)


@pytest.fixture
async def team(database: Database) -> Team:
    """The team, whose customer is a shop that has a place."""
    team = await team_of(database)
    team.ann.patch("customer", team.customer_id, {**{slot: PLACED[slot] for slot in ("latitude_e6", "longitude_e6", "datum")}})
    team.ann.patch("customer", team.customer_id, kind=int(CustomerKind.shop))
    await team.step()
    return team


def check_in(phone: Phone, team: Team, **more: Any) -> bytes:
    now_ms = team.world.now_ms
    return phone.create("visit", customer_id=team.customer_id, **{"device_ms": now_ms, "fix_ms": now_ms - 2_000, **PLACED, **more})


def seen(phone: Phone, visit_id: bytes) -> Visit:
    found = phone.view("visit", visit_id)
    assert isinstance(found, Visit)
    return found


async def test_the_evidence_and_the_verdict_reach_every_follower(team: Team) -> None:
    """D-203, D-212: judged in the transaction that takes the visit, by the fence that the visit then names."""
    ran = {"uptime_ms": 900_000, "boot": "b7", "heard_ms": team.world.now_ms - 500_000, "heard_uptime_ms": 400_000}
    told = {**ran, "provider": int(Provider.gps), "mocked": int(Mocked.no)}
    visit_id = check_in(team.ann, team, **told)
    assert words(await team.ann.sync()) == [APPLIED]
    await team.step()
    for phone in (team.ann, team.bo):
        found = seen(phone, visit_id)
        assert (found.verdict, found.distance_mm, found.flags, found.fence_m) == (Verdict.verified, 0, 0, 100)
        assert {slot: getattr(found, slot) for slot in told} == told


async def test_visits_of_one_batch_and_of_the_days_before_are_held_against_each_other(team: Team) -> None:
    """D-212: in whatever request the one before came; a colleague's counts for nothing."""
    shanghai = check_in(team.ann, team)
    beijing = check_in(team.ann, team, latitude_e6=39_904_200, longitude_e6=116_407_400, device_ms=team.world.now_ms + 5 * MINUTE_MS)
    await team.ann.sync()
    team.world.now_ms += 20 * MINUTE_MS
    again = check_in(team.ann, team)
    of_bo = check_in(team.bo, team, latitude_e6=39_904_200, longitude_e6=116_407_400)
    await team.step()
    flags = [seen(team.ann, one).flags & VisitFlag.speed for one in (shanghai, beijing, again, of_bo)]
    assert flags == [0, VisitFlag.speed, 0, 0]


async def test_the_latest_visits_alone_are_loaded_and_by_an_index(team: Team) -> None:
    """A rep with years of visits is judged as fast as a new one."""
    for number in range(4):
        check_in(team.ann, team, device_ms=team.world.now_ms - number * 40 * MINUTE_MS)
    await team.ann.sync()
    place, entity = load.Latest("author_id", team.ann.user_id, "occurred_ms", 3), BY_NAME["visit"]

    def asked(conn: sa.Connection) -> tuple[list[int], str]:
        state = State(0)
        load.latest(conn, state, team.world.org_id, entity, place)
        found = sorted(held.record.device_ms for held in state.held.values() if isinstance(held.record, Visit))
        sql, names, written = load._latest(entity, place._replace(id=b""))._by_dialect[conn.dialect.name]
        values = {**written, "org": team.world.org_id, "named": place.id}
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if conn.dialect.name == "sqlite" else "EXPLAIN"
        plan = conn.exec_driver_sql(f"{explain} {sql}", tuple(values[name] for name in names)).all()
        return found, " ".join(str(row) for row in plan)

    found, plan = await team.world.database.write(asked)
    kept = sorted(seen(team.ann, one).device_ms for one, _ in team.ann.shelf.rows(entity.number))[-3:]
    assert found == kept
    assert "visit_org_id_author_id_occurred_ms_id_idx" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


async def test_a_check_out_offline_arrives_with_its_visit(team: Team) -> None:
    """D-213: one request brings both; the note of another device's correction hides no check-out."""
    visit_id = check_in(team.ann, team)
    first = seen(team.ann, visit_id)
    team.world.now_ms += 50 * MINUTE_MS
    left = {
        "left_latitude_e6": HERE_E6[0] + 300,
        "left_longitude_e6": HERE_E6[1],
        "left_datum": int(Datum.wgs84),
        "left_accuracy_mm": 9_000,
    }
    said = {"amends_id": visit_id, "leaving": True, "left_ms": team.world.now_ms, **left}
    out = check_in(team.ann, team, device_ms=first.device_ms, fix_ms=first.fix_ms, **said)
    assert words(await team.ann.sync()) == [APPLIED, APPLIED]
    await team.step()
    (known,) = facts_with_amendments([seen(team.bo, one) for one in (visit_id, out)])
    shown = known.shown
    assert isinstance(shown, Visit)
    assert (shown.id, shown.leaving, shown.verdict, shown.fence_m) == (out, True, Verdict.verified, 100)
    assert 30_000 < (shown.moved_mm or 0) < 40_000


async def test_the_fence_is_set_at_the_desk_and_judges_nobody_anew(team: Team) -> None:
    """D-203, D-214."""
    near = {"latitude_e6": HERE_E6[0] + 540, "accuracy_mm": 12_000}
    before = check_in(team.ann, team, **near)
    await team.step()
    asked = OrganisationRequest(name="Test", time_zone="Asia/Shanghai", fence_shop_m=60)
    await team.world.database.write(tables.put, Actor(team.world.org_id, team.manager.user_id, 0, Role.admin), asked, team.world.now_ms)
    team.world.now_ms += 30 * MINUTE_MS
    after = check_in(team.ann, team, **near)
    await team.step()
    told = [(one.verdict, one.fence_m) for one in (seen(team.ann, before), seen(team.ann, after))]
    assert told == [(Verdict.verified, 100), (Verdict.probable, 60)]


@pytest.mark.parametrize("shop_datum", [Datum.wgs84, Datum.gcj02, Datum.bd09])
async def test_a_fence_of_150_m_is_judged_right_whatever_datums_shop_and_visit_name(team: Team, shop_datum: Datum) -> None:
    """D-202, D-203: 140 m are within and 160 m are not, though the datums lie 500 m and more apart."""
    asked = OrganisationRequest(name="Test", time_zone="Asia/Shanghai", fence_shop_m=150)
    await team.world.database.write(tables.put, Actor(team.world.org_id, team.manager.user_id, 0, Role.admin), asked, team.world.now_ms)
    shop = from_wgs84(shop_datum, *HERE_E6)
    team.ann.patch("customer", team.customer_id, latitude_e6=shop.latitude_e6, longitude_e6=shop.longitude_e6, datum=int(shop_datum))
    await team.step()
    for datum in (Datum.wgs84, Datum.gcj02, Datum.bd09):
        told = []
        for north_e6 in (1_263, 1_443):
            at = from_wgs84(datum, HERE_E6[0] + north_e6, HERE_E6[1])
            visit = check_in(team.ann, team, latitude_e6=at.latitude_e6, longitude_e6=at.longitude_e6, datum=int(datum), accuracy_mm=5_000)
            await team.step()
            told.append(seen(team.bo, visit))
            team.world.now_ms += 30 * MINUTE_MS
        assert [one.verdict for one in told] == [Verdict.verified, Verdict.out_of_range], datum
        assert [abs((one.distance_mm or 0) - metres * 1_000) < 1_000 for one, metres in zip(told, (140, 160), strict=True)] == [True, True]


@pytest.mark.parametrize(("evidence", "kept"), [({}, True), ({"mocked": int(Mocked.yes)}, False), ({"latitude_e6": 31_300_000}, False)])
async def test_only_a_proven_visit_keeps_a_customer(
    team: Team,
    monkeypatch: pytest.MonkeyPatch,
    evidence: dict[str, Any],
    kept: bool,
) -> None:
    """D-142, D-212: where the rule counts visits."""
    monkeypatch.setattr("server.chance.now_ms", lambda: team.world.now_ms)
    scene = Scene(team, await pool_of(team), await admin(team))
    await scene.rule(basis=ReclaimBasis.visit)
    for day in (13, 17, 19):
        await scene.tick(at(day), team.ann)
    check_in(team.ann, team, **evidence)
    await team.ann.sync()
    await scene.tick(at(20, 0))
    await scene.tick(at(20))
    assert await scene.is_owned() is kept
