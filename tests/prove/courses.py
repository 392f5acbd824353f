"""The shortest course found that shows each planted bug of the core. A course knows the actions it names, and no list of all of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tests.prove.history import Step

FILE: Final = Path(__file__).with_name("courses.json")


class Course(Struct, frozen=True, omit_defaults=True):
    """`seed` sets the scene of a history, `steps` happen in it: action, phone, number. With a `law`: its case of this seed instead.

    `seen`: the invariant that broke when the course was recorded.
    """

    seed: int
    seen: str
    steps: tuple[str, ...] = ()
    law: str = ""

    def path(self) -> list[Step]:
        """The steps, to be played."""
        return [_step(*one.split()) for one in self.steps]


def _step(action: str, phone: str, number: str) -> Step:
    return Step(action, int(phone), int(number))


def said(steps: Sequence[Step]) -> tuple[str, ...]:
    """Steps as a course keeps them."""
    return tuple(f"{one.action} {one.phone} {one.number}" for one in steps)


def recorded() -> dict[str, Course]:
    """Planted bug → its course."""
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, Course])


def text(courses: Mapping[str, Course]) -> str:
    """As they are written down: a line each, by name."""
    lines = [f"{json.dumps(name)}: {json.dumps(msgspec.to_builtins(courses[name]))}" for name in sorted(courses)]
    return "{\n" + ",\n".join(lines) + "\n}\n"
