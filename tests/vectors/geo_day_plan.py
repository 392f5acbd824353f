"""Vectors of `geo/day_plan.py`: days of a rep with few customers and with many, each reason at its bounds, and what is done by now."""

import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from geo import day_plan
from geo.day_plan import DAY_MS, Fall, Known
from shared_schema.records.customer import Collaborator, FollowUp, Standing, Tier
from shared_schema.records.instruction import Instruction, InstructionState, Priority
from shared_schema.twin import id_text
from tests.vectors.cases import Case, Cases, told
from tests.vectors.values import an_id

DAY: Final = 20_600
BEGINS_MS: Final = DAY * DAY_MS - 8 * 3_600_000
MAPS: Final = ("last_ms", "visited_ms", "contacted_ms", "falls", "far_mm")


def cases() -> Cases:
    """The one rule of the room."""
    dice = random.Random(450)
    days = [a_day(dice, count) for count in (0, 1, 2, 3, 6, 10, 15, 20, 40, 80) for _ in range(12)]
    return {"geo.day_plan:day_plan": [case(day) for day in (*days, *bounds(dice))]}


def case(known: Known) -> Case:
    """A day's plan."""
    given = {name: told(getattr(known, name)) for name in Known.__struct_fields__ if name not in (*MAPS, "left_out")}
    given |= {name: {id_text(key): told(value) for key, value in getattr(known, name).items()} for name in MAPS}
    given["left_out"] = sorted(map(id_text, known.left_out))
    return Case({"known": given}, told(day_plan.day_plan(known)))


def a_day(dice: random.Random, count: int) -> Known:
    """A user with so many customers, some of colleagues, some shared."""
    me, others = an_id(dice), [an_id(dice) for _ in range(2)]
    customers = [an_id(dice) for _ in range(count)]
    now_ms = BEGINS_MS + dice.randrange(DAY_MS)

    def some(share: float) -> list[bytes]:
        return [one for one in customers if dice.random() < share]

    follow_ups = [a_follow_up(dice, dice.choice(customers), [me, *others, None]) for _ in range(count)]
    instructions = [an_instruction(dice, dice.choice((dice.choice(customers), None)), [me, me, *others], now_ms) for _ in range(count // 2)]
    return Known(
        user_id=me,
        now_ms=now_ms,
        day=DAY,
        begins_ms=BEGINS_MS,
        cadence_days=[dice.choice((1, 7, 30)) for _ in Tier],
        follow_up_by_visit=dice.random() < 0.7,
        standings=[a_standing(dice, one, dice.choice([me, me, me, *others, None])) for one in some(0.9)],
        collaborators=[a_share(dice, one, dice.choice([me, *others]), now_ms) for one in some(0.3)],
        follow_ups=follow_ups,
        instructions=instructions,
        last_ms={one: BEGINS_MS - dice.randrange(-DAY_MS // 2, 50 * DAY_MS) for one in some(0.7)},
        visited_ms=dict.fromkeys(some(0.1), now_ms - 3_600_000),
        contacted_ms=dict.fromkeys(some(0.2), now_ms - 3_600_000),
        falls={one: Fall(dice.randrange(12), dice.random() < 0.8, dice.random() < 0.2) for one in some(0.4)},
        far_mm={one: dice.randrange(50_000_000) for one in some(0.8)},
        left_out=frozenset(some(0.05)),
    )


def a_standing(dice: random.Random, customer_id: bytes, owner_id: bytes | None) -> Standing:
    """A customer of somebody, for some days."""
    owned_ms = BEGINS_MS - dice.randrange(60 * DAY_MS)
    return Standing(customer_id, 1, owner_id=owner_id, owned_since_ms=owned_ms, tier=dice.choice(list(Tier)))


def a_share(dice: random.Random, customer_id: bytes, user_id: bytes, now_ms: int) -> Collaborator:
    """A collaboration for ever, still, or no longer."""
    return Collaborator(an_id(dice), 1, customer_id, user_id, dice.choice((None, now_ms + 1, now_ms, now_ms - 1)))


def a_follow_up(dice: random.Random, customer_id: bytes, authors: list[bytes | None]) -> FollowUp:
    """Overdue, of today or later; sent or not."""
    due_day, done = DAY + dice.randrange(-15, 3), dice.random() < 0.2
    return FollowUp(an_id(dice), dice.randrange(2), customer_id, due_day, "", done, dice.choice(authors))


def an_instruction(dice: random.Random, customer_id: bytes | None, reps: list[bytes], now_ms: int) -> Instruction:
    """About a customer, a place with or without a position, or nothing of both."""
    made = Instruction(an_id(dice), 1, dice.choice(reps), an_id(dice), "go", customer_id, dice.choice(list(Priority)))
    made = replace(made, due_ms=dice.choice((None, now_ms, now_ms + 1, now_ms - 1, BEGINS_MS + DAY_MS, BEGINS_MS + DAY_MS - 1)))
    made = replace(
        made, state=dice.choice([InstructionState.sent, *InstructionState]), sent_ms=now_ms - dice.choice((0, 3_600_000, 7_200_000))
    )
    return replace(made, place=dice.choice(("", "east gate")), wgs_latitude_e6=dice.choice((None, 31_230_400)))


def bounds(dice: random.Random) -> Iterator[Known]:
    """Days of the cadence by the millisecond, days overdue beyond the most that counts, and more stops than a plan holds."""
    quiet: Mapping[str, Any] = {"follow_ups": (), "instructions": (), "visited_ms": {}, "contacted_ms": {}, "falls": {}, "left_out": ()}
    day = replace(a_day(dice, 20), cadence_days=[7] * len(Tier), **quiet)
    for more in (-1, 0, 1):
        aged = [replace(one, owner_id=day.user_id, owned_since_ms=0) for one in day.standings]
        yield replace(day, standings=aged, last_ms={one.id: BEGINS_MS - 6 * DAY_MS + more for one in aged})
    crowd = a_day(dice, 200)
    many = [replace(a_follow_up(dice, one.id, [None]), done=False) for one in crowd.standings]
    yield replace(crowd, follow_ups=many, standings=[replace(one, owner_id=crowd.user_id) for one in crowd.standings])
