"""The table of cities on both databases: kept once by its plain name, from the desk and from files (D-180, D-181)."""

import pytest

from server.database import Database
from server.domain.city_names import city_name, region_of
from server.services import tables
from server.store import reference
from shared_schema.problem import Code, Problem
from shared_schema.records.region import City, CityRequest
from tests.integration.test_imports import Desk, counts, reasons
from tests.integration.test_sync_pools import admin
from tests.world import Team, team_of


@pytest.fixture
async def team(database: Database) -> Team:
    return await team_of(database)


@pytest.fixture
async def desk(team: Team) -> Desk:
    return Desk(team.world, await admin(team))


async def kept(desk: Desk, name: str, region: str, city_id: bytes | None = None) -> City:
    asked = CityRequest(id=city_id, name=name, region=region)
    return await desk.world.database.write(tables.save, desk.claims, asked, desk.world.now_ms)


async def cities(desk: Desk) -> list[City]:
    return await desk.world.database.read(reference.page, desk.world.org_id, City, None, 100)


def test_a_region_is_found_by_the_plain_name_of_the_city() -> None:
    """D-180."""
    table = [City(b"1" * 16, 1, "上海", "华东"), City(b"2" * 16, 1, "Ｂ", "never")]
    found = [region_of(table, one) for one in ("上海", " 上海市 ", "上海市市", "上海县", "B", "", "市")]
    assert found == ["华东", "华东", "", "", "", "", ""]
    assert [city_name(one) for one in ("市", "津市", "Ｘi'an ")] == ["市", "津", "Xi'an"]


async def test_a_city_stands_once_whoever_writes_it(desk: Desk) -> None:
    """D-180."""
    shanghai = await kept(desk, " 上海市", "Ｅast ")
    assert (shanghai.name, shanghai.region) == ("上海", "East")
    assert await kept(desk, "上海", "East", shanghai.id) == shanghai
    for name, region, field in (("上海", "West", "name"), (" ", "East", "name"), ("Suzhou", " ", "region")):
        with pytest.raises(Problem) as refused:
            await kept(desk, name, region)
        assert (refused.value.code, refused.value.field) == (Code.rule_broken, field)
    assert [one.name for one in await cities(desk)] == ["上海"]


async def test_a_file_of_cities_counts_once_and_its_word_stands(team: Team, desk: Desk) -> None:
    """D-181, D-701, D-704. A city that the desk made is known by its name; every phone holds the table."""
    made = await kept(desk, "成都市", "North")
    text = "城市,大区\n上海,华东\n上海市,华南\n成都,西南\n,华北\n"
    dry = await desk.take("cities", text, dry_run=True)
    assert {one.name for one in await cities(desk)} == {"成都"}
    report = await desk.take("cities", text)
    assert counts(dry) == counts(report) == (1, 1, 0, 2)
    assert [(line, name) for line, _, name in reasons(report)] == [(3, "key_twice"), (5, "required")]
    assert counts(await desk.take("cities", text)) == (0, 0, 2, 2)
    assert {(one.id, one.name, one.region) for one in await cities(desk)} == {
        (desk.id_of("cities", "上海"), "上海", "华东"),
        (made.id, "成都", "西南"),
    }
    await team.ann.sync()
    shown = team.ann.view("city", made.id)
    assert isinstance(shown, City)
    assert region_of([shown], "成都市") == "西南"


async def test_only_admins_keep_cities(team: Team, desk: Desk) -> None:
    """D-180."""
    manager = team.manager.claims
    with pytest.raises(Problem) as refused:
        await team.world.database.write(tables.save, manager, CityRequest(name="上海", region="East"), team.world.now_ms)
    assert refused.value.code is Code.forbidden
