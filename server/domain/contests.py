"""Contests: a visit that would have kept a customer arrives after the reclaim; a manager decides, nobody is overwritten (D-170 to
D-174)."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec

from server.domain import given_back, ownership
from server.domain.feature import Feature, Listing, Verb, shown
from server.domain.local_times import DAY_MS, local_day
from server.domain.needs import Above, Asking, Every, Leavers, Need, Rows, Whole, WholeIfLocked
from server.domain.proven_time import proven_ms
from server.domain.reclaim import AT_CUSTOMER, rule_on
from shared_schema.notices import Language, Texts, Words
from shared_schema.places import Verdict
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.base import Record
from shared_schema.records.contest import Contest, ContestState, DecideContest
from shared_schema.records.customer import Customer, Standing, Transfer
from shared_schema.records.pool import Pool
from shared_schema.records.reclaim import ReclaimRule
from shared_schema.records.reference import Department, Organisation, Person, Role
from shared_schema.records.tier_policy import TierPolicy
from shared_schema.registry import BY_RECORD
from sync.agreed.reclaim import due_day
from sync.heard import Heard
from sync.rules import Actor, Entered, Moment
from sync.state import State

Fact = Visit | ContactLog


def contest_id(standing: Standing, claimant_id: bytes) -> bytes:
    """The id of the contest of one reclaim."""
    return hashlib.sha256(b"contest:%d:" % (standing.reclaimed_ms or 0) + standing.id + claimant_id).digest()[:16]


# opening


def to_open(asking: Asking, customer_id: bytes) -> Iterable[Need]:
    """Of a customer that was reclaimed from the author: the versions, the author's contests, the people above both sides.

    They are counted as they stand, without a counter's lock: an entry that waited is judged anew behind all locks.
    """
    standing, user_id = asking.state.standing(customer_id), asking.actor.user_id
    if standing is None or standing.reclaimed_from_id != user_id or standing.owner_id == user_id:
        return
    yield from (Every(ReclaimRule), Every(TierPolicy), Rows(Contest, frozenset({user_id}), by="claimant_id"))
    yield from (Above(user_id), Rows(Person, frozenset({user_id})))
    if standing.owner_id is not None:
        yield Above(standing.owner_id)
    else:
        yield from (WholeIfLocked(customer_id), Every(Pool), Every(Department))


def opened(state: State, fact: Fact, moment: Moment) -> tuple[Record, ...]:
    """The contest that a late fact opens: none, unless the fact would have kept the customer and arrives in time (D-170, D-171). Where the
    proof decides it, the customer goes back with it (D-176)."""
    standing, claimant_id = state.standing(fact.customer_id), fact.author_id
    rule = _contestable(state, standing, fact, moment.now_ms) if standing is not None else None
    if standing is None or rule is None or claimant_id is None:
        return ()
    record_id = contest_id(standing, claimant_id)
    if state.find(Contest, record_id) is not None or _opened(state, claimant_id, moment.now_ms) >= rule.contests_monthly:
        return ()
    customer, at_ms = state.find(Customer, standing.id), _proven_ms(state, standing, fact, moment)
    made = Contest(
        record_id, 0, standing.id, claimant_id, BY_RECORD[type(fact)].number, fact.id, fact.occurred_ms, standing.reclaimed_ms or 0,
        moment.now_ms, decider_id=_decider_id(state, standing, claimant_id), customer_name=customer.name if customer is not None else "",
        note=fact.note, verdict=fact.verdict if isinstance(fact, Visit) else Verdict.unknown,
        proven_ms=at_ms, silent_from_ms=moment.running.pushed_ms if at_ms is not None and moment.running is not None else None,
    )  # fmt: skip
    if given_back.is_restorable(state, standing, made):
        return given_back.given_back(state, standing, made)
    _tell(state, made)
    return (made,)


def _proven_ms(state: State, standing: Standing, fact: Fact, moment: Moment) -> int | None:
    """The proven time of a visit, if the customer would have been kept at that time too."""
    at_ms = proven_ms(fact, moment) if isinstance(fact, Visit) else None
    if at_ms is None or _contestable(state, standing, msgspec.structs.replace(fact, occurred_ms=at_ms), moment.now_ms) is None:
        return None
    return at_ms


def _contestable(state: State, standing: Standing, fact: Fact, now_ms: int) -> ReclaimRule | None:
    """The version by which the customer fell, if the fact would have kept it: it happened before, and its due day lies behind the fall."""
    fell_ms, organisation = standing.reclaimed_ms, state.organisation
    lost = standing.reclaimed_from_id == fact.author_id != standing.owner_id
    if not lost or fell_ms is None or organisation is None or fact.occurred_ms >= fell_ms or fact.amends_id is not None:
        return None
    zone = organisation.time_zone
    fell_on = local_day(fell_ms, zone)
    rule = rule_on(state, standing.tier, fell_on)
    if rule is None or now_ms > fell_ms + rule.contest_days * DAY_MS:
        return None
    at_visit = isinstance(fact, Visit) and fact.verdict in AT_CUSTOMER
    touched = Standing(
        standing.id, 0, tier=standing.tier, last_contact_ms=fact.occurred_ms, last_visit_ms=fact.occurred_ms if at_visit else None
    )
    return rule if due_day(touched, rule, zone) > fell_on else None


def _decider_id(state: State, standing: Standing, claimant_id: bytes) -> bytes | None:
    """The nearest manager above both sides; None: an admin decides."""
    owner_id = standing.owner_id
    both = {*state.leaders.get(owner_id, ()), owner_id} if owner_id is not None else None
    return next((one for one in state.leaders.get(claimant_id, ()) if both is None or one in both), None)


def _opened(state: State, user_id: bytes, now_ms: int) -> int:
    """How many contests the user has opened in this month of the server's clock."""
    found = (held.record for held in state.held.values() if isinstance(held.record, Contest))
    return sum(one.claimant_id == user_id and _month(one.made_ms) == _month(now_ms) for one in found)


def _month(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m}"


def _tell(state: State, made: Contest) -> None:
    person, name = state.find(Person, made.claimant_id), made.customer_name
    state.notices.append(Heard("contest_opened", made.claimant_id, made.id, {"customer": name}, made.id))
    if made.decider_id is not None:
        facts = {"actor": person.name if person is not None else "", "customer": name}
        state.notices.append(Heard("contested", made.decider_id, made.id, facts, made.id))


# deciding


def to_decide(asking: Asking, asked: DecideContest) -> Iterable[Need]:
    """The contest, the family that may move, and the people concerned."""
    yield from (Rows(Contest, frozenset({asked.contest_id})), Whole(asked.customer_id))
    yield from (Every(Pool), Every(Department), Every(Organisation), Leavers())
    known = asking.state.find(Contest, asked.contest_id)
    yield Rows(Person, frozenset({asking.actor.user_id, *({known.claimant_id} if known is not None else ())}))


def decide(actor: Actor, state: State, asked: DecideContest, entered: Entered) -> tuple[Record, ...]:
    """Close the contest; `restored`: the customer goes back to the former owner, from the pool or from its owner (D-172, D-173). The
    same decision again changes nothing.

    Raises Problem(not_found | field_wrong | state_wrong | out_of_scope).
    """
    known = state.find(Contest, asked.contest_id)
    if known is None or not (actor.role is Role.admin or known.decider_id in {actor.user_id, *actor.report_ids, *state.leavers}):
        raise Problem(Code.not_found, "no such contest of yours")
    if known.customer_id != asked.customer_id:
        raise Problem(Code.field_wrong, "this contest is about another customer", field="customer_id")
    verdict = ContestState[asked.verdict]
    if known.state is verdict:
        return ()
    if known.state is not ContestState.undecided:
        raise Problem(Code.state_wrong, f"the contest was decided already: {known.state.name}")
    now_ms = entered.moment.now_ms
    closed = msgspec.structs.replace(known, state=verdict, decided_by=actor.user_id, decided_ms=now_ms, reason=asked.reason)
    if verdict is ContestState.kept:
        facts = {"customer": known.customer_name, "reason": asked.reason}
        state.notices.append(Heard("contest_kept", known.claimant_id, known.id, facts, known.id))
        return (closed,)
    return (closed, *_given_back(actor, state, known, asked, entered))


def _given_back(actor: Actor, state: State, known: Contest, asked: DecideContest, entered: Entered) -> tuple[Record, ...]:
    """The former owner has the customer again; the late fact counts as the touch that it was."""
    standing = state.standing(known.customer_id)
    if standing is None:
        raise Problem(Code.out_of_scope, "the customer is gone")
    if standing.owner_id == known.claimant_id:
        return ()
    ownership.require_in_work(standing)
    if standing.owner_id is not None:
        ownership.disposed(actor, state, standing.id)
    ownership.may_hold(actor, state, known.claimant_id, "contest_id")
    touched = msgspec.structs.replace(
        standing, reclaimed_from_id=None, reclaimed_ms=None, last_contact_ms=max(standing.last_contact_ms or 0, known.occurred_ms)
    )
    return ownership.transferred(actor, state, touched, Transfer(standing.id, known.claimant_id, None, asked.reason), entered)


PATH: Final = "/v1/desk/contests"
NOTICES: Final[Texts] = {
    "contested": {
        Language.en: Words(
            "{actor} was at {customer} in time",
            "A contact from before the reclaim arrived late. Decide whether {actor} gets {customer} back.",
            "A reclaim is contested",
        ),
        Language.zh: Words(
            "{actor}对回收提出异议：{customer}", "回收前的跟进记录迟到，请判断客户“{customer}”是否归还{actor}。", "有一项客户回收存在异议"
        ),
    },
    "contest_opened": {
        Language.en: Words(
            "{customer}: your manager decides",
            "Your contact with {customer} was in time, and arrived after the reclaim. Your manager decides.",
            "A late contact of yours may bring a customer back",
        ),
        Language.zh: Words(
            "{customer}：待经理判断", "你对“{customer}”的跟进发生在回收之前，但上传较晚，将由经理判断归属。", "你迟到的跟进可能找回客户"
        ),
    },
    "given_back": {
        Language.en: Words(
            "{customer} is yours again",
            "Your visit at {customer} is proven to be from before the reclaim. It cost none of your claims.",
            "A customer of yours is back",
        ),
        Language.zh: Words(
            "客户已归还：{customer}", "你对“{customer}”的拜访已证实早于回收，客户重新由你负责，不占用领取名额。", "你有一位客户已归还"
        ),
    },
    "given_back_below": {
        Language.en: Words(
            "{customer} went back to {actor}",
            "A verified visit from before the reclaim arrived late, and nobody had claimed {customer}. There is nothing to decide.",
            "A reclaimed customer went back",
        ),
        Language.zh: Words(
            "{customer}已归还{actor}",
            "{actor}在回收前的拜访已核实，且无人领取“{customer}”，已按规则归还，无需处理。",
            "有一位被回收的客户已归还",
        ),
    },
    "contest_kept": {
        Language.en: Words(
            "{customer} stays where it is",
            "Your manager decided about your late contact. Nothing you entered is lost. Reason: {reason}",
            "A contest of yours was decided",
        ),
        Language.zh: Words("{customer}维持现状", "经理已就你迟到的跟进作出判断。你录入的内容均已保留。原因：{reason}", "你的异议已有结果"),
    },
}
FEATURE: Final = Feature(
    verbs=(
        Verb(
            f"{PATH}/{{contest_id}}/decision",
            DecideContest,
            Contest,
            lambda state, asked, _: shown(state, Contest, asked.contest_id),
            decide,
            to_decide,
        ),
    ),
    lists=(
        Listing(
            Contest,
            "List contests of reclaims, the newest first (D-172).",
            filters=("state", "claimant_id", "customer_id"),
            newest="made_ms",
            about=("customer_id",),
        ),
    ),
    notices=NOTICES,
)
