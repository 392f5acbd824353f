"""The rooms that export vectors, each a file of its name, and how they are written."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.vectors import (
    amendments,
    birthdays,
    claims,
    codec,
    cursors,
    entered,
    geo_around,
    geo_day_plan,
    geo_grid,
    geo_measure,
    geo_route,
    geo_verify,
    geo_whereabouts,
    holds,
    ids,
    money,
    notices,
    pace,
    quotes,
    reclaim,
    refusals,
    sets,
    text,
    tiers,
    undo,
)
from tests.vectors.cases import Room

ROOMS: Final[Mapping[str, Room]] = {
    "amendments": amendments.cases,
    "birthdays": birthdays.cases,
    "claims": claims.cases,
    "codec": codec.cases,
    "cursors": cursors.cases,
    "entered": entered.cases,
    "geo_around": geo_around.cases,
    "geo_day_plan": geo_day_plan.cases,
    "geo_grid": geo_grid.cases,
    "geo_measure": geo_measure.cases,
    "geo_route": geo_route.cases,
    "geo_verify": geo_verify.cases,
    "geo_whereabouts": geo_whereabouts.cases,
    "holds": holds.cases,
    "ids": ids.cases,
    "money": money.cases,
    "notices": notices.cases,
    "pace": pace.cases,
    "quotes": quotes.cases,
    "reclaim": reclaim.cases,
    "refusals": refusals.cases,
    "sets": sets.cases,
    "text": text.cases,
    "tiers": tiers.cases,
    "undo": undo.cases,
}


def counted() -> dict[str, int]:
    """`module:function` → how many cases it has, over all rooms."""
    return {rule: len(list(cases)) for room in ROOMS.values() for rule, cases in room().items()}


def write(folder: Path) -> int:
    """A file `<room>.json` for each room; how many cases there are."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for name, room in ROOMS.items():
        rules = {rule: [case._asdict() for case in cases] for rule, cases in room().items()}
        count += sum(map(len, rules.values()))
        (folder / f"{name}.json").write_text(canonical(rules), encoding="utf-8")
    return count


def canonical(value: Any) -> str:
    """JSON with sorted keys; half a character is written as an escape, since no file can hold it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
