"""Vectors of `geo/verify.py`: check-ins at every border of the verdict and of each flag, and by seeded chance."""

import random
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from geo import verify
from geo.datum import from_wgs84
from shared_schema.places import Datum, Mocked, Position, Provider, Verdict
from shared_schema.records.activity import Visit
from shared_schema.records.customer import CustomerKind
from shared_schema.records.reference import Organisation
from tests.vectors.cases import Case, Cases, answered, played, told
from tests.vectors.values import an_id

NOON_MS: Final = 1_760_000_000_000
PLACES: Final = (Position(31_230_400, 121_473_700), Position(52_520_000, 13_405_000), Position(-33_868_800, 151_209_300), Position(0, 0))
BORDERS_MS: Final = tuple(side * one + step for one in (119_999, 120_000, 600_000, 3_600_000) for side in (-1, 1) for step in (0, 1))


def cases() -> Cases:
    """All rules of the room."""
    dice = random.Random(203)
    visits = [case for _ in range(500) for case in judged(dice)]
    own = Organisation(an_id(dice), 1, "Acme", fence_shop_m=20, fence_office_m=60, fence_plant_m=5_000, fence_other_m=80)
    kinds = [{"kind": kind, "organisation": of} for kind in CustomerKind for of in (own, None)]
    return {
        "geo.verify:judge": visits,
        "geo.verify:fence_m": played(verify.fence_m, kinds),
        "geo.verify:reasons": played(verify.reasons, ({"visit": odd(dice)} for _ in range(200))),
    }


def judged(dice: random.Random) -> Iterator[Case]:
    """One visit as it came, and the same out of its rep's neighbourhood."""
    place = dice.choice(PLACES)
    visit = a_visit(dice, place)
    earlier = [
        replace(a_visit(dice, place), flags=dice.choice((0, 0, 1, 128)), occurred_ms=visit.device_ms - reach(dice)) for _ in range(3)
    ]
    earlier += [before(dice, visit) for _ in range(dice.choice((0, 0, 1, 1, 1, 104)))]
    around = verify.Around(
        now_ms=visit.device_ms + dice.choice((dice.choice(BORDERS_MS), 0, 0, 60_000, 8 * 3_600_000)),
        skew_ms=dice.choice((0, 0, 0, 0, 0, -NOON_MS, dice.choice(BORDERS_MS))),
        place=dice.choice((place, place, place, None)),
        fence_m=dice.choice((20, 100, 200, 300, 500, 5_000)),
        earlier=earlier,
    )
    yield case_of(visit, around)
    clear = replace(visit, mocked=Mocked.no, mock=False, heard_ms=None, fix_ms=visit.device_ms, longitude_e6=visit.longitude_e6)
    yield case_of(clear, msgspec.structs.replace(around, skew_ms=0, now_ms=visit.device_ms, earlier=earlier[:1]))
    yield case_of(replace(visit, provider=Provider.gps, boot=""), msgspec.structs.replace(around, skew_ms=0))


def case_of(visit: Visit, around: verify.Around) -> Case:
    """The place and the earlier visits are named as the client holds them."""
    place = around.place._asdict() if around.place is not None else None
    known = {"now_ms": around.now_ms, "skew_ms": around.skew_ms, "place": place, "fence_m": around.fence_m}
    given: dict[str, Any] = {"visit": visit, "around": {**known, "earlier": list(around.earlier)}}
    return Case(told(given), answered(verify.judge, {"visit": visit, "around": around}))


def a_visit(dice: random.Random, place: Position) -> Visit:
    """Near the place or far, measured in any datum and told in the same or another, with times at the borders."""
    step = 10 ** dice.choice((1, 2, 3, 3, 3, 4, 5, 6))
    at = Position(place.latitude_e6 + dice.randrange(-step, step), place.longitude_e6 + dice.randrange(-step, step))
    datum = dice.choice((Datum.wgs84, Datum.wgs84, Datum.gcj02, Datum.bd09))
    seen = from_wgs84(datum, *at)
    device_ms = dice.choice((*[NOON_MS] * 12, verify.EARLIEST_MS, verify.EARLIEST_MS - 1, 0))
    started = dice.choice((None, 0, 5_000_000))
    left = from_wgs84(Datum.wgs84, at.latitude_e6 + dice.randrange(-900, 900), at.longitude_e6)
    return Visit(
        an_id(dice),
        0,
        bytes(16),
        device_ms,
        latitude_e6=dice.choice((seen.latitude_e6, seen.latitude_e6, seen.latitude_e6, None)),
        longitude_e6=seen.longitude_e6,
        datum=dice.choice((*[datum] * 9, *Datum)),
        accuracy_mm=dice.choice((8_000, 8_000, 40_000, 99_000, 200_000, 200_001, 0, None)),
        fix_ms=dice.choice((*[device_ms] * 8, max(0, device_ms + dice.choice(BORDERS_MS)), None)),
        mock=dice.random() < 0.05,
        provider=dice.choice(tuple(Provider)),
        mocked=dice.choice((*[Mocked.unknown] * 9, *[Mocked.no] * 9, Mocked.yes)),
        uptime_ms=started,
        boot=dice.choice(("", "a", "b")),
        heard_ms=dice.choice((None, None, device_ms, max(0, device_ms + dice.choice(BORDERS_MS)))),
        heard_uptime_ms=started,
        left_ms=dice.choice((None, device_ms + dice.choice((0, 119_999, 120_000)))),
        left_latitude_e6=dice.choice((None, left.latitude_e6)),
        left_longitude_e6=left.longitude_e6,
        left_datum=dice.choice((Datum.wgs84, Datum.unknown)),
        left_uptime_ms=dice.choice((None, (started or 0) + dice.choice((119_999, 120_000)))),
    )


def before(dice: random.Random, visit: Visit) -> Visit:
    """A visit of the same rep that agrees with the other in most."""
    same = replace(visit, id=an_id(dice), occurred_ms=0, device_ms=max(0, visit.device_ms - reach(dice)))
    if dice.random() < 0.5:
        return replace(same, fix_ms=same.device_ms)
    return replace(same, latitude_e6=(visit.latitude_e6 or 0) + dice.randrange(-2_000_000, 2_000_000), boot="")


def reach(dice: random.Random) -> int:
    """Seconds or hours, now and then none."""
    return dice.choice((0, dice.randrange(1, 300_000), dice.randrange(1, 9 * 3_600_000)))


def odd(dice: random.Random) -> Visit:
    """A visit with any verdict and flags."""
    bare = a_visit(dice, PLACES[0])
    distance = dice.choice((None, 5))
    return replace(
        bare,
        verdict=dice.choice(tuple(Verdict)),
        flags=dice.randrange(1_024),
        distance_mm=distance,
        forgotten_days=dice.choice((None, None, 180)),
    )
