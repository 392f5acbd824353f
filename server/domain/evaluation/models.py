"""Versions of the point model: which is in force, and what one may say (D-651, D-652)."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from shared_schema.problem import Code, Problem
from shared_schema.rest_evaluation import EvaluationModel, Factor, FactorTerms, ModelTerms

WEIGHTS: Final = 100
RATING_MAX: Final = 5
"""The owner's own judgement never weighs more: nobody lifts an own customer by a tier."""
FALLING: Final = frozenset({Factor.recency})
"""Factors of which more is worse."""


def in_force(models: Iterable[EvaluationModel], day: int) -> EvaluationModel | None:
    """That of the highest version whose day has come; None: nobody is evaluated."""
    return max((one for one in models if one.terms.effective_from_day <= day), key=lambda one: one.version, default=None)


def judge(terms: ModelTerms, today: int) -> None:
    """Raises Problem(rule_broken) with the field at fault."""
    if terms.effective_from_day < today:
        raise _broken("a version begins today or later", "effective_from_day")
    if not terms.b_from < terms.a_from:
        raise _broken("tier A begins above tier B", "a_from")
    if len({one.factor for one in terms.factors}) < len(terms.factors):
        raise _broken("each factor stands there once", "factors")
    if sum(one.weight for one in terms.factors) != WEIGHTS:
        raise _broken(f"the weights add up to {WEIGHTS}", "factors")
    for one in terms.factors:
        _judge_factor(one)


def _judge_factor(one: FactorTerms) -> None:
    """More profit, more orders, more of what is better never gives less (D-652)."""
    name = one.factor.name
    if one.factor is Factor.rating and one.weight > RATING_MAX:
        raise _broken(f"the owner's rating weighs {RATING_MAX} at most", "factors")
    if (one.factor is Factor.industry and one.bands) or (one.factor is not Factor.industry and one.industries):
        raise _broken(f"industries give the points of the industry, bands those of any other factor: {name}", "factors")
    if max((*(band.points for band in one.bands), *(each.points for each in one.industries)), default=0) > one.weight:
        raise _broken(f"a band gives no more than the weight of its factor: {name}", "factors")
    if len({each.industry for each in one.industries}) < len(one.industries):
        raise _broken("each industry stands there once", "factors")
    for low, high in pairwise(one.bands):
        if low.from_value >= high.from_value:
            raise _broken(f"bands stand by rising value: {name}", "factors")
        if (low.points < high.points) if one.factor in FALLING else (low.points > high.points):
            raise _broken(f"a better value never gives fewer points: {name}", "factors")


def _broken(text: str, field: str) -> Problem:
    return Problem(Code.rule_broken, text, field=field)
