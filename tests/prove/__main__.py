"""`python -m tests.prove NAME KEY=value …`: runs one proof, or all of them at the counts of each run."""

import sys
from collections.abc import Callable, Mapping
from typing import Final

from tests import memory
from tests.prove import apps, claims, crash, fuzz, geo, ill, laws, mutants, notices, shadow, simulate, stack

PROOFS: Final[Mapping[str, Callable[[Mapping[str, str]], int]]] = {
    "laws": laws.run,
    "simulate": simulate.run,
    "mutants": mutants.run,
    "fuzz": fuzz.run,
    "crash": crash.run,
    "stack": stack.run,
    "shadow": shadow.run,
    "ill": ill.run,
    "apps": apps.run,
    "notices": notices.run,
    "claims": claims.run,
    "geo": geo.run,
}
"""A further tier joins here."""


def main(arguments: list[str]) -> int:
    """Run what was named; the exit code."""
    names = [one for one in arguments if "=" not in one]
    options = dict(one.split("=", 1) for one in arguments if "=" in one)
    unknown = [name for name in names if name not in PROOFS]
    if unknown:
        sys.stderr.write(f"no proof is called {unknown[0]}; there are: {', '.join(PROOFS)}\n")
        return 2
    memory.settle()
    return max(PROOFS[name](options) for name in names or PROOFS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
