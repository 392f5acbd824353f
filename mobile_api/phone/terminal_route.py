"""Terminal command about today's route: the stops in their order, with the way to each and the reasons, without a network."""

from collections.abc import Iterable, Mapping
from typing import Final

import click

from geo.day_plan import Planned, Reason, ReasonKind
from geo.route import Stop, by_road_mm, route
from mobile_api.phone.day_route import minutes_until, places, planned
from mobile_api.phone.measures import decimal, place
from mobile_api.phone.screen import Screen, short
from shared_schema.places import Position
from shared_schema.records.customer import Customer, FollowUp
from shared_schema.records.instruction import Instruction, Priority

METRE_MM: Final = 1_000
Located = tuple[Planned, Position]


@click.command("route")
@click.option("--from", "start", metavar="LAT,LON", help="Where you are (WGS-84): the way begins there.")
@click.option("--to", "end", metavar="LAT,LON", help="Where the way ends (WGS-84).")
@click.pass_obj
def today(screen: Screen, start: str | None, end: str | None) -> None:
    """Show whom to visit today and in which order, with the way to each stop and the reasons."""
    here, home = (place(one) if one is not None else None for one in (start, end))
    found = planned(screen, here)
    if not found:
        screen.say("no_stops")
        return
    at = places(screen)
    located = [(one, where) for one in found if (where := _where(screen, one, at)) is not None]
    now_ms = screen.phone.clock()
    stops = [Stop(*where, weight=one.weight, until_minute=minutes_until(one.until_ms, now_ms)) for one, where in located]
    way = route(stops, here, home)
    legs = [_km(screen, leg) for leg in way.legs_mm]
    if here is None and legs:
        legs[0] = screen.words("begins")
    rows = [[str(nth), *_line(screen, located[number][0]), legs[nth - 1]] for nth, number in enumerate(way.order, 1)]
    lost = [["-", *_line(screen, one), screen.words("no_place")] for one in found if _where(screen, one, at) is None]
    screen.table(("", "", "stop", "why", "way"), [*rows, *lost])
    length = sum(way.legs_mm)
    screen.say("route_length", count=len(way.order), crow=_km(screen, length), road=_km(screen, by_road_mm(length)))


def _where(screen: Screen, stop: Planned, at: Mapping[bytes, Position]) -> Position | None:
    """Where the customer is; else the place of an instruction."""
    if stop.customer_id is not None and stop.customer_id in at:
        return at[stop.customer_id]
    found = [screen.phone.view(Instruction, one.record_id) for one in stop.reasons if one.kind is ReasonKind.instruction]
    for one in found:
        if one is not None and one.wgs_latitude_e6 is not None and one.wgs_longitude_e6 is not None:
            return Position(one.wgs_latitude_e6, one.wgs_longitude_e6)
    return None


def _km(screen: Screen, length_mm: int) -> str:
    return screen.words("kilometres", distance=decimal((length_mm // METRE_MM + 50) // 100, 1))


def _line(screen: Screen, stop: Planned) -> Iterable[str]:
    customer = screen.phone.view(Customer, stop.customer_id) if stop.customer_id is not None else None
    instruction = screen.phone.view(Instruction, stop.reasons[0].record_id)
    name = customer.name if customer is not None else instruction.place if instruction is not None else ""
    return short(stop.id), name, " · ".join(_reason(screen, one) for one in stop.reasons)


def _reason(screen: Screen, reason: Reason) -> str:
    words = screen.words
    match reason.kind:
        case ReasonKind.cadence:
            return words("why_cadence", days=reason.days)
        case ReasonKind.fall:
            return words("why_falls", days=reason.days) if reason.days else words("any_hour")
        case ReasonKind.follow_up:
            plan = screen.phone.view(FollowUp, reason.record_id)
            told = words("why_overdue", days=reason.days) if reason.days else words("why_due")
            return ": ".join(filter(None, (told, plan.purpose if plan is not None else "")))
    given = screen.phone.view(Instruction, reason.record_id)
    urgent = given is not None and given.priority == Priority.urgent
    return ": ".join(filter(None, (words("why_urgent" if urgent else "why_instruction"), given.text[:60] if given is not None else "")))


COMMANDS: Final = (today,)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "no_stops": ("Nobody is to be visited today.", "今天没有要拜访的客户。"),
    "stop": ("stop", "站点"),
    "why": ("why", "原因"),
    "way": ("way", "路程"),
    "begins": ("first", "第一站"),
    "no_place": ("no position", "没有位置"),
    "kilometres": ("{distance} km", "{distance} 公里"),
    "route_length": (
        "{count} stops, {crow} as the crow flies, about {road} by road (an estimate)",
        "{count} 站，直线 {crow}，公路约 {road}（估算）",
    ),
    "why_cadence": ("no contact for {days} d", "{days} 天未联系"),
    "why_falls": ("falls into the pool in {days} d", "{days} 天后退回公海"),
    "why_due": ("follow-up today", "今天跟进"),
    "why_overdue": ("follow-up {days} d overdue", "跟进逾期 {days} 天"),
    "why_instruction": ("instruction", "工作指令"),
    "why_urgent": ("urgent instruction", "紧急指令"),
}
HELP: Final[Mapping[str, str]] = {
    "Show whom to visit today and in which order, with the way to each stop and the reasons.": "显示今天的拜访顺序、每站的路程和原因。",
    "Where you are (WGS-84): the way begins there.": "你的位置（WGS-84）：路线从这里开始。",
    "Where the way ends (WGS-84).": "路线的终点（WGS-84）。",
}
