"""T2: a hypothesis state machine over the simulator's actions; what it finds it shrinks by itself."""

import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.prove.actions import BY_ACTION
from tests.prove.history import History, Step
from tests.prove.play import judge, settle

STEPS: Final = 40
PHONES: Final = st.integers(0, 3)
NUMBERS: Final = st.integers(0, 2**32 - 1)


class Machine(RuleBasedStateMachine):
    """One history; every action is a rule. It ends as each history does: everybody syncs, and all invariants are judged."""

    history: History | None = None

    @initialize(seed=st.integers(0, 2**16))
    def open(self, seed: int) -> None:
        self.history = History(seed, Counter())
        self.history.open_customers(BY_ACTION["create_customer"], BY_ACTION["collaborate"])

    def teardown(self) -> None:
        if self.history is not None:
            settle(self.history)
            judge(self.history)


def _rule(name: str) -> Callable[..., None]:
    def carry_out(self: Machine, phone: int, number: int) -> None:
        assert self.history is not None
        self.history.step(Step(name, phone, number), BY_ACTION[name])

    carry_out.__name__ = carry_out.__qualname__ = name
    return carry_out


for _name in BY_ACTION:
    setattr(Machine, _name, rule(phone=PHONES, number=NUMBERS)(_rule(_name)))


def broken(examples: int, *, shrunk: bool = True, seed: int = 0) -> list[str]:
    """Run so many examples of at most STEPS steps; what was found, in words, empty when all held. Shrinking takes minutes."""
    if not examples:
        return []
    how: Any = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if shrunk else [])],
    )
    try:
        run_state_machine_as_test(seeded(seed)(Machine), settings=how)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the proof looks for
        return ["the state machine:", *traceback.format_exception_only(error), *getattr(error, "__notes__", [])]
    return []
