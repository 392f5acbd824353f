"""The routes of the geo proof: how far the order of a day is over the best one, how long it takes, and whether both languages agree.

The optimum is found by Held and Karp's tables over all sets of stops, which know nothing of how `geo/route.py` searches. By hand:
`python -m tests.prove.geo_route SEED=7 DAYS=200`.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from msgspec import Struct

from geo.distance import flat_distance_mm
from geo.route import WEIGHT_MM, Stop, legs_mm, route
from shared_schema.places import Position
from tests.prove.box import Box
from tests.prove.sources import ROOT

DAYS: Final = 200
STOPS: Final = 11
MANY: Final = 50
MANY_DAYS: Final = 20
TRIES: Final = 3
"""The machine is shared: of so many runs the quickest counts."""
EXCESS_MAX: Final = 0.05
MANY_MS_MAX: Final = 20
SPREADS_E6: Final = (5_000, 20_000, 80_000, 300_000)
NOWHERE: Final = 1 << 62
CITIES: Final = ((31_230_400, 121_473_700), (39_904_200, 116_407_400), (52_520_000, 13_405_000), (-33_868_800, 151_209_300), (1_000, -500))
NODE: Final = """
import { route } from FILE;
const days = JSON.parse(await new Response(process.stdin).text());
const told = days.map(({ stops, start }) => {
  let ms = Infinity;
  let found = null;
  for (let tried = 0; tried < TRIES; tried++) {
    const began = performance.now();
    found = route(stops, start);
    ms = Math.min(ms, performance.now() - began);
  }
  return { order: found.order, ms };
});
process.stdout.write(JSON.stringify(told));
"""


class Day(Struct, frozen=True):
    """Stops around a city, and where the rep begins."""

    stops: Sequence[Stop]
    start: Position


def a_day(dice: random.Random, count: int, *, pressing: bool) -> Day:
    """A town or a province, evenly or in clusters. `pressing`: some stops press, and one is kept at its place."""
    middle, spread = dice.choice(CITIES), dice.choice(SPREADS_E6)
    heaps = [tuple(at + round(dice.gauss(0, spread)) for at in middle) for _ in range(dice.choice((3, 50)))]

    def point() -> Position:
        return Position(*(at + round(dice.gauss(0, spread / 8)) for at in dice.choice(heaps)))

    stops = [Stop(*point(), weight=dice.randrange(101) if pressing and dice.random() < 0.4 else 0) for _ in range(count)]
    if pressing:
        stops[0] = stops[0]._replace(place=dice.randrange(count))
    return Day(stops, point())


def with_deadlines(dice: random.Random, day: Day) -> Day:
    """All stops press a little, as those of a plan do, and one in five has a deadline."""
    return Day(
        [one._replace(weight=dice.choice((5, 10, 20, 40)), until_minute=_deadline(dice), place=None) for one in day.stops], day.start
    )


def _deadline(dice: random.Random) -> int | None:
    return dice.randrange(60, 600) if dice.random() < 0.2 else None


def cost(day: Day, order: Sequence[int]) -> int:
    """What an order costs: its length, and each stop's weight for each place that it comes later."""
    stops = [day.stops[number] for number in order]
    return sum(legs_mm(stops, day.start)) + sum(stop.weight * WEIGHT_MM * place for place, stop in enumerate(stops, 1))


def optimum(day: Day) -> int:
    """What the best order costs: for each set of stops and each last one of them the least, from the sets with one stop fewer."""
    count, stops = len(day.stops), day.stops
    far = [[flat_distance_mm(*one[:2], *other[:2]) for other in stops] for one in stops]
    kept = {stop.place: number for number, stop in enumerate(stops) if stop.place is not None}
    fits = [[number for number in range(count) if kept.get(place, number) == number] for place in range(count)]
    fits = [[number for number in fitting if stops[number].place in (None, place)] for place, fitting in enumerate(fits)]
    least = {
        (1 << number, number): flat_distance_mm(*day.start, *stops[number][:2]) + stops[number].weight * WEIGHT_MM for number in fits[0]
    }
    for place in range(1, count):
        further: dict[tuple[int, int], int] = {}
        for (known, last), spent in least.items():
            for number in fits[place]:
                if known >> number & 1:
                    continue
                total = spent + far[last][number] + stops[number].weight * WEIGHT_MM * (place + 1)
                key = (known | 1 << number, number)
                if total < further.get(key, NOWHERE):
                    further[key] = total
        least = further
    return min(least.values())


def excesses(days: Sequence[Day]) -> list[float]:
    """By which share each day's order costs more than the best."""
    return [cost(day, route(day.stops, day.start).order) / max(1, optimum(day)) - 1 for day in days]


def timed_ms(day: Day) -> float:
    """Of the processor, in the quickest of some runs."""
    found = []
    for _ in range(TRIES):
        began = time.process_time()
        route(day.stops, day.start)
        found.append((time.process_time() - began) * 1000)
    return min(found)


def in_typescript(days: Sequence[Day]) -> list[Mapping[str, Any]]:
    """The order of each day by the client's twin, and how long it took."""
    program = os.environ.get("OUTRIDER_NODE") or str(Path(sys.prefix) / "bin" / "node")
    file = (ROOT / "mobile_api/web/client/src/geo/route.ts").as_uri()
    script = NODE.replace("FILE", json.dumps(file)).replace("TRIES", str(TRIES))
    given = json.dumps([{"stops": [stop._asdict() for stop in day.stops], "start": day.start._asdict()} for day in days])
    command = [program, "--no-warnings", "--input-type=module", "--eval", script]
    told = subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=120)
    answered: list[Mapping[str, Any]] = json.loads(told.stdout)
    return answered


def routed(seed: int, count: int = DAYS) -> dict[str, float]:
    """The figures: shares over the optimum, milliseconds of a day of 50 stops, days on which the languages differ."""
    dice = random.Random(seed)
    plain, pressing = ([a_day(dice, STOPS, pressing=one) for _ in range(count)] for one in (False, True))
    many = [a_day(dice, MANY, pressing=at % 2 == 1) for at in range(MANY_DAYS)]
    late = [with_deadlines(dice, a_day(dice, MANY, pressing=False)) for _ in range(MANY_DAYS)]
    over, pressed = excesses(plain), excesses(pressing)
    told = in_typescript([*many, *many, *late, *plain, *pressing])[len(many) :]  # the first round warms the engine up
    timed, timed_late = [timed_ms(day) for day in many], [timed_ms(day) for day in late]
    pairs = zip([*many, *late, *plain, *pressing], told, strict=True)
    return {
        "route_days": len(plain),
        "route_excess_mean": round(sum(over) / len(over), 5),
        "route_excess_worst": round(max(over), 5),
        "route_pressing_excess_mean": round(sum(pressed) / len(pressed), 5),
        "route_50_ms_python": round(median(timed), 1),
        "route_50_ms_python_worst": round(max(timed), 1),
        "route_50_ms_typescript": round(median(one["ms"] for one in told[: len(many)]), 1),
        "route_50_ms_typescript_worst": round(max(one["ms"] for one in told[: len(many)]), 1),
        "route_50_deadlines_ms_python": round(median(timed_late), 1),
        "route_50_deadlines_ms_typescript": round(median(one["ms"] for one in told[len(many) : len(many) + len(late)]), 1),
        "route_differences": sum(list(route(day.stops, day.start).order) != one["order"] for day, one in pairs),
    }


def faults(found: Mapping[str, float]) -> list[str]:
    """A sentence for each figure that is not as promised."""
    slowest_ms = max(found[f"route_50_{kind}ms_{language}"] for kind in ("", "deadlines_") for language in ("python", "typescript"))
    told = {
        f"routes are {found['route_excess_mean']:.1%} over the optimum": found["route_excess_mean"] > EXCESS_MAX,
        f"{found['route_differences']} days differ between Python and TypeScript": found["route_differences"] > 0,
        f"half of the days of {MANY} stops took more than {slowest_ms} ms": slowest_ms >= MANY_MS_MAX,
    }
    return [sentence for sentence, broken in told.items() if broken]


def proved(seed: int, _box: Box) -> tuple[Mapping[str, float], list[str], list[str]]:
    """The part of the geo proof: its figures, the lines to print, its faults."""
    found = routed(seed)
    return found, [f"{name}: {figure}" for name, figure in found.items()], faults(found)


def main(arguments: Sequence[str]) -> int:
    """Print the figures; 1 where a promise is broken."""
    options = dict(one.split("=", 1) for one in arguments)
    found = routed(int(options.get("SEED", "7")), int(options.get("DAYS", DAYS)))
    sys.stdout.write(f"{json.dumps(found)}\n")
    return 1 if faults(found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
