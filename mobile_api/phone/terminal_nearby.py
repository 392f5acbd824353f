"""Terminal command about what is around: the customers that this phone holds by distance, and further ones that the server knows."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import click

from geo.around import EVERY, Around, Filters, Held, around
from geo.grid import RADIUS_MAX_M
from mobile_api.phone.measures import day, decimal, place
from mobile_api.phone.screen import Screen, one, short
from shared_schema.nearby import NEARBY_ITEMS_MAX, DistanceUnit, NearbyPage, Relation
from shared_schema.places import Position
from shared_schema.records.customer import Collaborator, Customer, CustomerKind, FollowUp, Standing, Tier
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.twin import id_text

UNIT_MM: Final = {DistanceUnit.km: 1_000_000, DistanceUnit.mi: 1_609_344}
UNIT_WORDS: Final = {DistanceUnit.km: "kilometres", DistanceUnit.mi: "miles"}
RELATION_WORDS: Final = {Relation.own: "relation_own", Relation.collaborated: "relation_collaborated", Relation.pooled: "relation_pooled"}


def _choice(*members: object) -> click.Choice[str]:
    return click.Choice([str(getattr(one, "name", one)) for one in members])


@click.command("nearby")
@click.option("--at", "at", metavar="LAT,LON", required=True, help="Where you are (WGS-84).")
@click.option("--radius", type=click.IntRange(1, RADIUS_MAX_M), default=RADIUS_MAX_M, show_default=True, help="How far, in metres.")
@click.option("--relation", type=_choice(*sorted(EVERY)), help="Only those that stand so to you.")
@click.option("--pool", help="Only those of this pool.")
@click.option("--tier", type=_choice(Tier.a, Tier.b, Tier.c), help="Only those of this tier.")
@click.option("--kind", type=_choice(CustomerKind.shop, CustomerKind.plant, CustomerKind.office), help="Only those of this kind.")
@click.option("--industry", help="Only those of this industry.")
@click.option("--due", metavar="DAY", help="Only those with a follow-up that is due by this day: a date, today, tomorrow or +N.")
@click.option("--unit", type=_choice(*DistanceUnit), default="km", show_default=True, help="Kilometres or miles.")
@click.option("--further", is_flag=True, help="Ask the server for those that this phone does not hold. Needs the network.")
@click.pass_obj
def nearby(screen: Screen, /, at: str, radius: int, unit: str, *, further: bool, **asked: str | None) -> None:
    """List the customers around a place, nearest first: own, shared and pooled ones that this phone holds."""
    here, filters = place(at), _filters(screen, asked)
    found = around(_held(screen), here, radius, filters)
    rows = [_row(screen, each, DistanceUnit[unit]) for each in found]
    if further:
        query = _query(here, radius, unit, filters)
        held = {each.id for each in found}
        rows += _further(screen, query, held)
    if not rows:
        screen.say("nobody_around")
        return
    screen.table(("", "customer", "relation", "distance_mm"), rows)


def _held(screen: Screen) -> Held:
    views = screen.phone.views
    user_id = screen.phone.seat().user_id
    return Held(user_id, views(Customer), views(Standing), views(Collaborator), views(PoolCard), views(FollowUp))


def _filters(screen: Screen, asked: Mapping[str, str | None]) -> Filters:
    relation, pool, due = asked["relation"], asked["pool"], asked["due"]
    return Filters(
        relations=EVERY if relation is None else frozenset({Relation[relation]}),
        pool_id=None if pool is None else one(screen.phone.views(Pool), pool, lambda each: [each.name], "pool").id,
        tier=None if asked["tier"] is None else Tier[asked["tier"]],
        kind=None if asked["kind"] is None else CustomerKind[asked["kind"]],
        industry=asked["industry"],
        due_by=None if due is None else day(due, screen.today()),
    )


def _query(here: Position, radius_m: int, unit: str, filters: Filters) -> str:
    """The same question for the server."""
    latitude, longitude = (decimal(each, 6) for each in here)
    given = {"latitude": latitude, "longitude": longitude, "radius_m": radius_m, "unit": unit, "limit": NEARBY_ITEMS_MAX}
    named = {name: each.name for name, each in (("tier", filters.tier), ("kind", filters.kind)) if each is not None}
    if filters.relations != EVERY:
        named["relation"] = next(iter(filters.relations)).name
    if filters.pool_id is not None:
        named["pool_id"] = id_text(filters.pool_id)
    if filters.industry is not None:
        named["industry"] = filters.industry
    if filters.due_by is not None:
        named["due_by"] = str(filters.due_by)
    return urlencode(given | named)


def _further(screen: Screen, query: str, held: set[bytes]) -> list[list[str]]:
    """Every page of the server, without those that this phone has told already."""
    rows: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        page = screen.ask(f"/v1/nearby?{query if not after else urlencode({'after': after})}", None, NearbyPage)
        new = [each for each in page.items if each.id not in held]
        rows += [[short(each.id), each.name or screen.words("hidden_name"), screen.words("only_server"), each.distance] for each in new]
        after = page.after
    return rows


def _row(screen: Screen, found: Around, unit: DistanceUnit) -> list[str]:
    customer, card = screen.phone.view(Customer, found.id), screen.phone.view(PoolCard, found.id)
    pooled = found.relation is Relation.pooled
    name = card.name if pooled and card is not None else customer.name if customer is not None else None
    far = decimal((found.distance_mm * 100 + UNIT_MM[unit] // 2) // UNIT_MM[unit], 2)
    words = screen.words(RELATION_WORDS[found.relation])
    return [short(found.id), name or screen.words("hidden_name"), words, screen.words(UNIT_WORDS[unit], distance=far)]


COMMANDS: Final = (nearby,)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "nobody_around": (
        "No such customer around there is on this phone. Next: outrider device pool --around LAT,LON, or nearby with --further",
        "本机没有该处周围的此类客户。下一步：outrider device pool --around 纬度,经度，或为 nearby 加上 --further",
    ),
    "relation": ("stands to you as", "与你的关系"),
    "relation_own": ("own", "自己的"),
    "relation_collaborated": ("shared", "协作"),
    "relation_pooled": ("pooled", "公海"),
    "only_server": ("not on this phone", "不在本机"),
    "miles": ("{distance} mi", "{distance} 英里"),
}
HELP: Final[Mapping[str, str]] = {
    "List the customers around a place, nearest first: own, shared and pooled ones that this phone holds.": (
        "由近及远列出某地周围的客户：本机上自己的、协作的和公海的。"
    ),
    "Where you are (WGS-84).": "你的位置（WGS-84）。",
    "How far, in metres.": "范围（米）。",
    "Only those that stand so to you.": "仅列出与你有此关系的客户。",
    "Only those of this pool.": "仅列出该公海的客户。",
    "Only those of this tier.": "仅列出该等级的客户。",
    "Only those of this kind.": "仅列出该类型的客户。",
    "Only those of this industry.": "仅列出该行业的客户。",
    "Only those with a follow-up that is due by this day: a date, today, tomorrow or +N.": (
        "仅列出到这一天有待跟进的客户：日期、today、tomorrow 或 +N。"
    ),
    "Kilometres or miles.": "公里或英里。",
    "Ask the server for those that this phone does not hold. Needs the network.": "也向服务器查询不在本机的客户。需要联网。",
}
