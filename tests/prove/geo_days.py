"""Days of reps as the world makes them: where each rep really was, what the device measured, what arrived when, and a label for each visit.

The noise is a model of its own: satellites drift slowly about the truth, networks err by a block, walls stretch both, clocks run wrong,
networks are gone for hours. It knows nothing of how visits are judged: `tests/meta/test_geo_proof.py` forbids it to load the judge.
"""

import random
from collections.abc import Callable, Iterator
from math import cos, hypot, pi, radians, sin
from typing import Final

import msgspec
from msgspec import Struct

from geo.datum import from_wgs84
from shared_schema.places import Datum, Mocked, Position, Provider
from shared_schema.records.activity import Visit
from shared_schema.records.customer import CustomerKind

MORNING_MS: Final = 1_772_582_400_000
"""08:00 in Shanghai on the 4th of March 2026."""
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
METRE_E6: Final = 1e6 / 111_320
CITIES: Final = ((31_230_400, 121_473_700), (39_904_200, 116_407_400), (30_572_800, 104_066_800), (22_543_100, 114_057_900))
FENCES_M: Final = {CustomerKind.shop: 100, CustomerKind.office: 200, CustomerKind.plant: 500}
WIDTH_M: Final = {CustomerKind.shop: 12, CustomerKind.office: 30, CustomerKind.plant: 120}
"""How far from the point on the map people meet."""
THERE, OPEN, DOUBTED = "there", "open", "doubted"
"""The right answers: the rep was there; nobody can tell, and nobody is accused; something is wrong."""


class Label(Struct, frozen=True):
    """A class of visits. `blind`: the evidence that cannot tell it from an honest one."""

    name: str
    right: str
    weight: int
    blind: tuple[str, ...] = ()
    honest: bool = True


LABELS: Final = (
    Label("outdoor", THERE, 16),
    Label("indoor", THERE, 20),
    Label("eight_hours_late", THERE, 12),
    Label("skewed_clock", THERE, 8),
    Label("weak_fix", OPEN, 6),
    Label("no_fix", OPEN, 4),
    Label("datum_mix_up", THERE, 6),
    Label("clock_mended", THERE, 2, ("phone", "browser")),
    Label("elsewhere", DOUBTED, 8, honest=False),
    Label("mock", DOUBTED, 6, ("browser",), honest=False),
    Label("teleport", DOUBTED, 14, honest=False),
    Label("back_dated", DOUBTED, 6, ("browser",), honest=False),
    Label("replayed", DOUBTED, 8, ("browser",), honest=False),
    Label("old_fix", DOUBTED, 4, honest=False),
    Label("dated_ahead", DOUBTED, 3, honest=False),
)
BY_NAME: Final = {one.name: one for one in LABELS}


class Place(Struct, frozen=True):
    """A customer: where it really is, where the map has it, and its kind."""

    id: bytes
    kind: CustomerKind
    true: Position
    mapped: Position


class Made(Struct, frozen=True):
    """One visit as it arrived. `skew_ms`: of the device's clock at the push, as the server measures it; `device`: phone or browser."""

    label: Label
    device: str
    rep: int
    visit: Visit
    place: Place
    received_ms: int
    skew_ms: int


class Rep(Struct):
    """Whose day it is: the device, where it is now, and what it remembers of its last visits."""

    number: int
    device: str
    dice: random.Random
    city: tuple[int, int]
    clock_ms: int = 0
    """How far the device's clock is ahead."""
    booted_ms: int = 0
    boot: str = ""
    drift: tuple[float, float] = (0.0, 0.0)
    seen: list[tuple[Place, Visit]] = []
    last_ms: int = 0
    """When it was at the last customer; 0: it told nothing there that another visit can be held against."""


class Scene(Struct, frozen=True):
    """One visit in the making: when and where it really is, and what stands on the device so far."""

    rep: Rep
    place: Place
    now_ms: int
    visit: Visit


def days(seed: int, reps: int, count: int, device: str) -> list[Made]:
    """Visits of so many reps on so many days, in the order in which they arrived."""
    made = [one for number in range(reps) for one in _of_rep(random.Random(f"{seed} {device} {number}"), number, count, device)]
    return sorted(made, key=lambda one: one.received_ms)


def _of_rep(dice: random.Random, number: int, count: int, device: str) -> Iterator[Made]:
    rep = Rep(number, device, dice, dice.choice(CITIES), seen=[])
    places = [_place(dice, rep.city) for _ in range(30)]
    for day in range(count):
        _morning(rep, day)
        now_ms = MORNING_MS + day * DAY_MS + dice.randrange(60) * MINUTE_MS
        here = rep.city
        for place in dice.sample(places, 8):
            now_ms += _travel_ms(dice, here, place.true) + dice.randrange(5, 45) * MINUTE_MS
            here = place.true
            label = dice.choices(LABELS, [one.weight for one in LABELS])[0]
            yield _made(rep, place, now_ms, label if _can_be(rep, place, now_ms, label) else BY_NAME["indoor"])


def _can_be(rep: Rep, place: Place, now_ms: int, label: Label) -> bool:
    """A position is replayed where there is an earlier one; and a leap wants a visit shortly before, that has a fix and arrived."""
    if label.name == "replayed":
        return any(one is place for one, _ in rep.seen)
    return label.name != "teleport" or now_ms - rep.last_ms < 2 * HOUR_MS


def _morning(rep: Rep, day: int) -> None:
    """Now and then the device was switched off; its clock is a few seconds wrong."""
    if not rep.boot or rep.dice.random() < 0.3:
        rep.boot = f"{rep.number}-{day}-{rep.dice.randrange(10**6)}"
        rep.booted_ms = MORNING_MS + day * DAY_MS - rep.dice.randrange(1, 20) * HOUR_MS
    rep.clock_ms = round(rep.dice.gauss(0, 3_000))


def _place(dice: random.Random, city: tuple[int, int]) -> Place:
    kind = dice.choices(list(FENCES_M), (6, 3, 1))[0]
    true = _moved(Position(*city), dice.uniform(200, 14_000), dice.uniform(0, 2 * pi))
    return Place(dice.randbytes(16), kind, true, _moved(true, abs(dice.gauss(0, 8)), dice.uniform(0, 2 * pi)))


def _travel_ms(dice: random.Random, here: tuple[int, int], there: Position) -> int:
    north, east = there.latitude_e6 - here[0], (there.longitude_e6 - here[1]) * cos(radians(there.latitude_e6 / 1e6))
    metres = hypot(north, east) / METRE_E6
    return round(1.35 * metres / dice.uniform(4, 13) * 1000) + 3 * MINUTE_MS


def _moved(at: Position, metres: float, towards: float) -> Position:
    north, east = metres * cos(towards) * METRE_E6, metres * sin(towards) * METRE_E6
    return Position(round(at.latitude_e6 + north), round(at.longitude_e6 + east / cos(radians(at.latitude_e6 / 1e6))))


# what the device measures


def _fix(scene: Scene, at: Position, *, indoor: bool) -> Visit:
    """A fix of this moment: of satellites, or of networks where walls are in the way; a browser does not tell which."""
    dice, rep = scene.rep.dice, scene.rep
    by_network = indoor and dice.random() < 0.4
    sigma = dice.uniform(18, 40) if by_network else dice.uniform(8, 22) if indoor else dice.uniform(2, 6)
    if by_network:
        error = (dice.gauss(0, sigma), dice.gauss(0, sigma))
    else:  # satellites: the error of before, half forgotten
        rep.drift = (0.5 * rep.drift[0] + dice.gauss(0, sigma * 0.87), 0.5 * rep.drift[1] + dice.gauss(0, sigma * 0.87))
        error = rep.drift
    stretch = dice.uniform(2, 4) if dice.random() < 0.01 else 1  # a reflection, of which the device knows nothing
    north, east = error[0] * stretch * METRE_E6, error[1] * stretch * METRE_E6
    found = Position(round(at.latitude_e6 + north), round(at.longitude_e6 + east / cos(radians(at.latitude_e6 / 1e6))))
    age_ms = dice.randrange(200, 25_000)
    by_true_time = rep.device == "phone" and not by_network
    provider = Provider.browser if rep.device == "browser" else Provider.network if by_network else Provider.gps
    return msgspec.structs.replace(
        scene.visit,
        latitude_e6=found.latitude_e6,
        longitude_e6=found.longitude_e6,
        datum=Datum.wgs84,
        accuracy_mm=round(sigma * dice.uniform(1.1, 1.9) * 1000),
        fix_ms=scene.now_ms - age_ms + (0 if by_true_time else rep.clock_ms),
        provider=provider,
    )


def _begun(rep: Rep, place: Place, now_ms: int) -> Scene:
    """What every check-in has: the device's clock, and on a phone its uptime and when it heard the server."""
    visit = Visit(rep.dice.randbytes(16), 0, place.id, now_ms + rep.clock_ms)
    if rep.device == "phone":
        heard_ms = max(rep.booted_ms, now_ms - rep.dice.randrange(MINUTE_MS, 5 * HOUR_MS))
        visit = msgspec.structs.replace(
            visit,
            mocked=Mocked.no,
            uptime_ms=now_ms - rep.booted_ms,
            boot=rep.boot,
            heard_ms=heard_ms + rep.dice.randrange(2_000),
            heard_uptime_ms=heard_ms - rep.booted_ms,
        )
    return Scene(rep, place, now_ms, visit)


def _honest(scene: Scene, *, indoor: bool) -> Visit:
    dice, width = scene.rep.dice, WIDTH_M[scene.place.kind]
    return _fix(scene, _moved(scene.place.true, dice.uniform(0, width), dice.uniform(0, 2 * pi)), indoor=indoor)


# the classes


def _indoor(scene: Scene) -> Visit:
    return _honest(scene, indoor=True)


def _weak(scene: Scene) -> Visit:
    metres = scene.rep.dice.uniform(260, 2_500)
    at = _moved(scene.place.true, abs(scene.rep.dice.gauss(0, metres / 2)), scene.rep.dice.uniform(0, 2 * pi))
    return msgspec.structs.replace(_fix(scene, at, indoor=True), accuracy_mm=round(metres * 1000))


def _datum_mix_up(scene: Scene) -> Visit:
    """A map module that answers in the datum of Chinese maps, and an app that says satellites measured it."""
    told = _honest(scene, indoor=False)
    said = from_wgs84(Datum.gcj02, told.latitude_e6 or 0, told.longitude_e6 or 0)
    return msgspec.structs.replace(told, latitude_e6=said.latitude_e6, longitude_e6=said.longitude_e6)


def _elsewhere(scene: Scene) -> Visit:
    """In the next street or at home: beyond the fence in any case."""
    away = FENCES_M[scene.place.kind] + scene.rep.dice.uniform(300, 6_000)
    return _fix(scene, _moved(scene.place.true, away, scene.rep.dice.uniform(0, 2 * pi)), indoor=True)


def _mock(scene: Scene) -> Visit:
    told = _honest(scene, indoor=False)
    return msgspec.structs.replace(told, mocked=Mocked.yes if scene.rep.device == "phone" else Mocked.unknown)


def _back_dated(scene: Scene) -> Visit:
    """The clock is put back for the check-in, and right again when it is sent."""
    back_ms = scene.rep.dice.randrange(2 * HOUR_MS, 30 * HOUR_MS)
    told = _honest(scene, indoor=False)
    by_own_clock = scene.rep.device == "browser"
    return msgspec.structs.replace(told, device_ms=told.device_ms - back_ms, fix_ms=(told.fix_ms or 0) - (back_ms if by_own_clock else 0))


def _replayed(scene: Scene) -> Visit:
    """An app gives back the fix of an earlier visit, with the time of now."""
    before = [visit for one, visit in scene.rep.seen if one is scene.place][-1]
    told = msgspec.structs.replace(_honest(scene, indoor=False), provider=before.provider)
    return msgspec.structs.replace(
        told, latitude_e6=before.latitude_e6, longitude_e6=before.longitude_e6, accuracy_mm=before.accuracy_mm, datum=before.datum
    )


def _old_fix(scene: Scene) -> Visit:
    """The position of a quarter of an hour ago or more, kept by an app."""
    told = _honest(scene, indoor=False)
    return msgspec.structs.replace(told, fix_ms=(told.fix_ms or 0) - scene.rep.dice.randrange(15 * MINUTE_MS, 20 * HOUR_MS))


def _dated_ahead(scene: Scene) -> Visit:
    ahead_ms = scene.rep.dice.randrange(6 * HOUR_MS, 40 * HOUR_MS)
    told = _honest(scene, indoor=False)
    by_own_clock = scene.rep.device == "browser"
    return msgspec.structs.replace(told, device_ms=told.device_ms + ahead_ms, fix_ms=(told.fix_ms or 0) + (ahead_ms if by_own_clock else 0))


MAKERS: Final[dict[str, Callable[[Scene], Visit]]] = {
    "outdoor": lambda scene: _honest(scene, indoor=False),
    "weak_fix": _weak,
    "no_fix": lambda scene: scene.visit,
    "datum_mix_up": _datum_mix_up,
    "elsewhere": _elsewhere,
    "mock": _mock,
    "back_dated": _back_dated,
    "replayed": _replayed,
    "old_fix": _old_fix,
    "dated_ahead": _dated_ahead,
}
"""The other classes are honest visits indoors."""


def _made(rep: Rep, place: Place, now_ms: int, label: Label) -> Made:
    right_ms = rep.clock_ms
    if label.name in ("skewed_clock", "clock_mended"):
        rep.clock_ms += rep.dice.choice((-1, 1)) * rep.dice.randrange(15 * MINUTE_MS, 20 * HOUR_MS)
    if label.name == "teleport":
        place = _far_away(rep, place, now_ms)
    scene = _begun(rep, place, now_ms)
    visit = MAKERS.get(label.name, _indoor)(scene)
    late_ms = rep.dice.randrange(500, 20 * MINUTE_MS)
    if label.name == "eight_hours_late":
        late_ms = rep.dice.randrange(7 * HOUR_MS, 9 * HOUR_MS)
    elif label.name == "dated_ahead":
        late_ms = min(late_ms, HOUR_MS)
    ahead_ms = rep.clock_ms if label.name != "clock_mended" else right_ms
    rep.clock_ms, rep.last_ms = right_ms, now_ms if label.name in ("outdoor", "indoor", "skewed_clock") else 0
    if label.right == THERE and label.name != "datum_mix_up" and visit.provider in (Provider.gps, Provider.browser):
        rep.seen.append((place, visit))
    return Made(label, rep.device, rep.number, visit, place, now_ms + late_ms, ahead_ms - rep.dice.randrange(1_500))


def _far_away(rep: Rep, place: Place, now_ms: int) -> Place:
    """A customer in another town: farther than an airliner flies in the time since the last visit."""
    since_s = (now_ms - rep.last_ms) / 1000
    true = _moved(place.true, 60_000 + rep.dice.uniform(260, 300) * since_s, rep.dice.uniform(0, 2 * pi))
    return msgspec.structs.replace(place, id=rep.dice.randbytes(16), true=true, mapped=_moved(true, 5, 0))
