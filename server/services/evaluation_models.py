"""Versions of the point model, their preview, and why a customer has its tier; for the desk alone (D-651, D-660, D-661)."""

from collections import Counter

import sqlalchemy as sa

from server.domain.evaluation.models import in_force, judge
from server.domain.evaluation.tiers import Turn, to_next
from server.domain.local_times import local_day
from server.domain.tokens import Claims
from server.services import actors
from server.services.evaluate import NEW, judged
from server.store import evaluation_facts, evaluations, reference
from server.store.visible import visible_among
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Tier
from shared_schema.records.reference import Organisation
from shared_schema.rest_evaluation import (
    PAGE_MAX,
    STANDARD,
    EvaluationModel,
    EvaluationModels,
    EvaluationShown,
    ModelTerms,
    Move,
    Mover,
    NewEvaluationModel,
    Previewed,
    PreviewRequest,
)
from sync.rules import Actor, Reach

BEGIN = b""


def listed(conn: sa.Connection, claims: Claims, now_ms: int) -> EvaluationModels:
    """All versions, the newest first. Raises Problem(forbidden)."""
    acting = actors.entitled(conn, claims, now_ms, "GET /v1/desk/evaluation-models")
    return EvaluationModels(items=evaluations.models(conn, acting.org_id), standard=STANDARD)


def make(conn: sa.Connection, claims: Claims, asked: NewEvaluationModel, now_ms: int) -> EvaluationModel:
    """Put a version into force from a day on; the same request again is answered with the version that it made.

    Raises Problem(forbidden | rule_broken | id_taken).
    """
    acting = actors.entitled(conn, claims, now_ms, "POST /v1/desk/evaluation-models")
    versions = evaluations.models(conn, acting.org_id)
    terms = _terms(asked)
    known = next((one for one in versions if one.id == asked.id), None)
    if known is not None:
        if known.terms != terms:
            raise Problem(Code.id_taken, "a version with this id and other content exists")
        return known
    judge(terms, _today(conn, acting.org_id, now_ms))
    number = versions[0].version + 1 if versions else 1
    made = EvaluationModel(id=asked.id, version=number, made_by_id=acting.user_id, made_ms=now_ms, terms=terms)
    evaluations.put_model(conn, acting.org_id, made)
    return made


def preview(conn: sa.Connection, claims: Claims, asked: PreviewRequest, now_ms: int) -> Previewed:
    """Who would move if the draft were in force now: what its first evaluation of each customer does, by the same function (D-660).

    Raises Problem(forbidden | rule_broken).
    """
    acting = actors.entitled(conn, claims, now_ms, "POST /v1/desk/evaluation/preview")
    today, terms = _today(conn, acting.org_id, now_ms), _terms(asked)
    judge(terms, today)
    versions = evaluations.models(conn, acting.org_id)
    turn = Turn(versions[0].version + 1 if versions else 1, terms)
    ids = evaluations.customers_after(conn, acting.org_id, asked.after or BEGIN, PAGE_MAX)
    known = evaluation_facts.known(conn, acting.org_id, ids, today)
    moves: Counter[tuple[int, int]] = Counter()
    movers = []
    for customer_id, one in known.items():
        result = judged(turn, one, NEW, today)
        moves[one.stands.tier, result.tier] += 1
        if one.stands.tier != result.tier:
            movers.append(
                Mover(
                    customer_id=customer_id,
                    name=one.name,
                    owner_id=one.stands.owner_id,
                    before=Tier(one.stands.tier),
                    after=result.tier,
                    points=result.score.points,
                    provisional=result.score.provisional,
                )
            )
    told = [Move(before=Tier(before), after=Tier(after), customers=count) for (before, after), count in sorted(moves.items())]
    return Previewed(moves=told, items=movers, next=ids[-1] if len(ids) == PAGE_MAX else None)


def shown(conn: sa.Connection, claims: Claims, customer_id: bytes, now_ms: int) -> EvaluationShown:
    """Why a customer has its tier. Raises Problem(forbidden | not_found)."""
    acting = actors.entitled(conn, claims, now_ms, "GET /v1/desk/customers/{customer_id}/evaluation")
    today = _today(conn, acting.org_id, now_ms)
    known = evaluation_facts.known(conn, acting.org_id, [customer_id], today).get(customer_id)
    if known is None or not _sees(conn, acting, customer_id):
        raise Problem(Code.not_found, "not a customer of yours or of your reps")
    model = in_force(evaluations.models(conn, acting.org_id), today)
    head = evaluations.heads(conn, acting.org_id, [customer_id]).get(customer_id, NEW)
    stands = known.stands
    return EvaluationShown(
        customer_id=customer_id,
        tier=Tier(stands.tier),
        earned_tier=Tier(stands.earned_tier),
        set_until_ms=stands.tier_set_until_ms,
        set_reason=stands.tier_set_reason,
        next_points=to_next(model.terms, Tier(stands.earned_tier), stands.points) if model is not None else None,
        low_periods=head.low_periods,
        history=evaluations.history(conn, acting.org_id, customer_id),
    )


def _sees(conn: sa.Connection, acting: Actor, customer_id: bytes) -> bool:
    return acting.reach is Reach.organisation or customer_id in visible_among(conn, acting, [customer_id])


def _terms(asked: ModelTerms) -> ModelTerms:
    """What a version says, without who asks for it."""
    return ModelTerms(**{name: getattr(asked, name) for name in ModelTerms.__struct_fields__})


def _today(conn: sa.Connection, org_id: int, now_ms: int) -> int:
    return local_day(now_ms, reference.only(conn, org_id, Organisation).time_zone)
