"""Reclaim: versions of the rule, the preview of a draft, warnings to the owner, and the sweep that takes a customer back (D-14x)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.structs import asdict, replace

from server.domain import pool_fit, pools, reclaim, reclaim_above
from server.domain.feature import Feature, Listing, Verb
from server.domain.local_times import local_day, moment_ms
from server.domain.needs import Above, Admins, Asking, DeskNeed, Every, InTurn, Need, Page, Rows, Seen, Whole
from server.domain.reclaim import BELOW, EXEMPTIONS, MORNING, WARNING, Fate
from server.domain.reclaim_above import goal
from server.domain.reminder import Occasion, Reminder
from server.domain.sweep import Sweep
from server.domain.tiers import policy_on
from shared_schema.notices import Language, Texts, Words
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.notification import Notification
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.records.reclaim import PAGE_MAX, NewReclaimRule, ReclaimPreview, ReclaimPreviewed, ReclaimRule, ReclaimTerms, WouldFall
from shared_schema.records.reference import Department, Organisation, Person
from shared_schema.records.region import City
from shared_schema.records.tier_policy import TierPolicy
from shared_schema.registry import BY_RECORD
from sync.heard import Heard
from sync.rules import Actor, Entered
from sync.state import Held, OwnershipEvent, State

# versions


def to_make(_asking: Asking, asked: ReclaimTerms) -> Iterable[DeskNeed]:
    """All versions, one request after the other; the pool, and the organisation for its calendar."""
    if isinstance(asked, NewReclaimRule):
        yield InTurn("reclaim_rules")
    yield from (Every(ReclaimRule), Every(TierPolicy), Every(Organisation))
    if asked.pool_id is not None:
        yield Rows(Pool, frozenset({asked.pool_id}))


def make(actor: Actor, state: State, asked: NewReclaimRule, entered: Entered) -> tuple[ReclaimRule, ...]:
    """The next version; nothing when this request came before. Raises Problem(not_found | rule_broken | id_taken) (D-141)."""
    known = state.find(ReclaimRule, asked.id)
    versions = reclaim.rules_of(state)
    made = _version(state, asked, ReclaimRule(asked.id, 0, len(versions) + 1, 0, actor.user_id, entered.moment.now_ms))
    if known is not None:
        if replace(made, rev=known.rev, version=known.version, made_ms=known.made_ms) != known:
            raise Problem(Code.id_taken, "a version with this id and other content exists")
        return ()
    reclaim.judge(made, _today(state, entered.moment.now_ms), policy_on(state, made.effective_from_day))
    return (made,)


def _version(state: State, asked: ReclaimTerms, blank: ReclaimRule) -> ReclaimRule:
    """Raises Problem(not_found) for a pool that takes no customer."""
    pool = state.find(Pool, asked.pool_id) if asked.pool_id is not None else None
    if asked.pool_id is not None and (pool is None or not pool.active):
        raise Problem(Code.not_found, "there is no such pool", field="pool_id")
    terms = {name: value for name, value in asdict(asked).items() if name in ReclaimTerms.__struct_fields__}
    return replace(blank, **{**terms, "exempt": tuple(sorted(set(asked.exempt)))})


def made_one(state: State, asked: NewReclaimRule, _counts: Mapping[str, int]) -> ReclaimRule:
    """The version as it stands."""
    found = state.find(ReclaimRule, asked.id)
    if found is None:
        raise Problem(Code.not_found, "there is no such version")
    return found


def _today(state: State, now_ms: int) -> int:
    return local_day(now_ms, state.organisation.time_zone if state.organisation is not None else "UTC")


# the preview

DRAFT: Final = bytes(16)
"""The id of a version that nobody has made."""


def to_preview(asking: Asking, asked: ReclaimPreview) -> Iterable[DeskNeed]:
    """A page of customers with their names, and what may keep them."""
    yield from to_make(asking, asked)
    yield Page(Standing, asked.after, PAGE_MAX)
    ids = frozenset(one.id for one in _page(asking.state, asked))
    if ids:
        yield Rows(Customer, ids)
        yield from (Every(Pool), Every(City))
        for name in sorted({*asked.exempt, *_exempt(asking.state)} & EXEMPTIONS.keys()):
            yield from EXEMPTIONS[name].wants(ids)


def stands_by(_actor: Actor, state: State, asked: ReclaimPreview, entered: Entered) -> tuple[()]:
    """The draft stands beside the versions, and nothing is written. Raises the Problems of a version that says so."""
    draft = _version(state, asked, ReclaimRule(DRAFT, 0, len(reclaim.rules_of(state)) + 1, 0, bytes(16), entered.moment.now_ms))
    reclaim.judge(draft, _today(state, draft.made_ms), policy_on(state, draft.effective_from_day))
    state.load(BY_RECORD[ReclaimRule], Held(draft, {}))
    return ()


def previewed(state: State, asked: ReclaimPreview, _counts: Mapping[str, int]) -> ReclaimPreviewed:
    """Who would fall, and when, by the draft and until it begins by the versions that stand (D-149)."""
    page, today = _page(state, asked), _today(state, reclaim.rules_of(state)[-1].made_ms)
    found = [(one, one.owner_id, reclaim.would_fall(state, one, today)) for one in page]
    items = [
        WouldFall(
            customer_id=one.id,
            name=customer.name,
            owner_id=owner_id,
            tier=one.tier,
            due_day=fall.due_day,
            pool_id=pool.id,
            exempt=fall.kept_by,
        )
        for one, owner_id, fall in found
        if owner_id is not None
        and fall is not None
        and (customer := state.find(Customer, one.id)) is not None
        and (pool := goal(state, fall.rule, one)) is not None
    ]
    return ReclaimPreviewed(items=items, next=page[-1].id if len(page) == PAGE_MAX else None)


def _exempt(state: State) -> set[str]:
    return {name for rule in reclaim.rules_of(state) for name in rule.exempt}


def _page(state: State, asked: ReclaimPreview) -> list[Standing]:
    found = (held.record for held in state.held.values() if isinstance(held.record, Standing))
    return sorted((one for one in found if asked.after is None or one.id > asked.after), key=lambda one: one.id)[:PAGE_MAX]


# warnings


def occasions(state: State, standing: Standing, now_ms: int) -> Iterable[Occasion]:
    """The warning of the stage that has come, the next look, and the beginning of each version ahead: by the organisation's clock (D-144).

    The manager above a silent owner, else an admin of the pool, else an admin, hears in the owner's place (D-146).
    """
    organisation, owner_id = state.organisation, standing.owner_id
    if organisation is None or owner_id is None:
        return
    zone, today = organisation.time_zone, _today(state, now_ms)
    for day in reclaim.upcoming(state, today):
        yield Occasion(Heard("reclaim_warning", owner_id, standing.id, {}), moment_ms(day, 0, zone))
    known = reclaim.fate(state, standing, now_ms)
    if known is None:
        return
    moments = {stage: reclaim.warning_ms(known.due_day, stage, zone) for stage in reclaim.stages(known.rule)}
    reached = [stage for stage, at_ms in moments.items() if at_ms <= now_ms]
    # a touch moves the stages later, and a stage of the new day may come before the next one of the old day: so a look each morning
    mornings = (moment_ms(day, MORNING, zone) for day in (today, today + 1))
    again_ms = next(at_ms for at_ms in mornings if at_ms > now_ms) if reached else min(moments.values())
    yield Occasion(_warning(state, standing, known, 0, now_ms), again_ms)
    if not reached or reclaim.waiting_for(state, known.rule, standing.id) or goal(state, known.rule, standing) is None:
        return
    warning = _warning(state, standing, known, min(reached), now_ms)
    yield Occasion(warning, now_ms)
    yield from _to_manager(state, standing, known, warning, now_ms)


def _warning(state: State, standing: Standing, known: Fate, stage: int, now_ms: int) -> Heard:
    customer = state.find(Customer, standing.id)
    facts = {
        "customer": customer.name if customer is not None else "",
        "days": str(max(0, known.due_day - _today(state, now_ms))),
        "due": known.due,
        "since": str(known.since_ms),
        "basis": str(int(known.rule.basis)),
    }
    once = reclaim.once(known, stage, _today(state, now_ms))
    return Heard("reclaim_warning", standing.owner_id or b"", standing.id, facts, once=once)


def _to_manager(state: State, standing: Standing, known: Fate, warning: Heard, now_ms: int) -> Iterable[Occasion]:
    person = state.find(Person, warning.user_id)
    reader_id, above_ms = reclaim_above.reader(state, known.rule, standing), reclaim.above_from_ms(state, standing, known)
    if reader_id is not None and above_ms is not None:
        facts = {**warning.facts, "rep": person.name if person is not None else ""}
        heard = Heard("reclaim_warning_below", reader_id, warning.happening, facts, once=warning.once)
        yield Occasion(heard, max(now_ms, above_ms))


def to_remind(asking: Asking, standing: Standing) -> Iterable[DeskNeed]:
    """The versions, what may keep the customer, the owner's devices, the users above, and the warnings."""
    yield Every(ReclaimRule)
    ids = frozenset({standing.id})
    for name in sorted(_exempt(asking.state) & EXEMPTIONS.keys()):
        yield from EXEMPTIONS[name].wants(ids)
    yield Every(TierPolicy)
    if standing.owner_id is not None and reclaim.rules_of(asking.state):
        yield from (Rows(Person, frozenset({standing.owner_id})), Every(Pool), Every(City))
        yield Rows(Notification, ids, by="subject_id")
        yield from _around(asking, standing.owner_id)


def earliest(standing: Standing) -> int | None:
    """At once, as far as the standing alone can tell: the days are the rule's."""
    return standing.owned_since_ms if standing.owner_id is not None else None


# the sweep


def to_fall(state: State, standing: Standing, now_ms: int) -> Iterable[Need]:
    """The whole family, and the pool into which the customer would fall, or all of which one may fit."""
    known = reclaim.fate(state, standing, now_ms)
    if known is not None and known.rule.pool_id is not None:
        yield from (Whole(standing.id), *pool_fit.to_choose(known.rule))


def beside(asking: Asking, standing: Standing) -> Iterable[DeskNeed]:
    """The versions, the pools and what fits them, the warnings, the owner's devices, the users above."""
    yield from (Every(ReclaimRule), Every(TierPolicy), Every(Organisation), Every(Pool), Every(City), Every(Department))
    yield Rows(Notification, frozenset({standing.id}), by="subject_id")
    if standing.owner_id is not None:
        yield from _around(asking, standing.owner_id)


def _around(asking: Asking, owner_id: bytes) -> Iterable[DeskNeed]:
    """The devices of the owner, the users above, and those who look after pools."""
    yield from (Seen(owner_id), Above(owner_id), Admins())
    pools_there = (held.record for held in asking.state.held.values() if isinstance(held.record, Pool))
    yield Rows(Person, frozenset(user_id for pool in pools_there for user_id in pool.admin_ids))


def reclaimed(actor: Actor, state: State, standing: Standing, entered: Entered) -> tuple[Standing | PoolCard, ...]:
    """Nobody's from now on, and a card in the pool's tile; its owner and each collaborator are told (D-147, D-148).

    Nothing, if the pool takes no customer any more.
    """
    known, customer = reclaim.fate(state, standing, entered.moment.now_ms), state.find(Customer, standing.id)
    pool = goal(state, known.rule, standing) if known is not None else None
    if pool is None or customer is None or standing.owner_id is None:
        return ()
    left = pools.left_by_owner(standing, entered.moment.now_ms)
    fell = {"reclaimed_from_id": standing.owner_id, "reclaimed_ms": entered.moment.now_ms}
    pooled = replace(left, owner_id=None, pool_id=pool.id, epoch=standing.epoch + 1, owned_since_ms=0, **fell)
    for user_id in sorted(state.holders(standing.id)):
        state.notices.append(Heard("reclaimed", user_id, pools.happening(pooled), {"customer": customer.name, "pool": pool.name}))
    pools.end_collaborations(state, standing.id)
    state.events.append(OwnershipEvent(standing.id, pooled.epoch, "reclaimed", None, actor.user_id, pool_id=pool.id))
    return pooled, pools.card(customer, pooled, pool, entered.moment.now_ms)


NOTICES: Final[Texts] = {
    WARNING: {
        Language.en: Words(
            "{customer} falls into the pool", "{days} d left, until {due}. A contact keeps the customer.", "You may lose a customer"
        ),
        Language.zh: Words(
            "客户即将退回公海：{customer}", "还剩{days}天，将于{due}退回公海，及时跟进即可保留。", "你有一位客户即将退回公海"
        ),
    },
    BELOW: {
        Language.en: Words(
            "{rep} loses {customer}",
            "{days} d left, until {due}. The warning reaches no device.",
            "A customer below you may be lost",
        ),
        Language.zh: Words(
            "{rep}的客户即将退回公海", "“{customer}”还剩{days}天，将于{due}退回公海，提醒无法送达设备。", "下属有一位客户即将退回公海"
        ),
    },
    "reclaimed": {
        Language.en: Words(
            "{customer} fell into a pool",
            "{customer} is in the pool {pool} now: nobody had been in touch for too long. Nothing you entered is lost.",
            "A customer of yours fell into a pool",
        ),
        Language.zh: Words(
            "客户已被回收：{customer}",
            "客户“{customer}”因久未跟进已退回公海“{pool}”。你录入的内容均已保留。",
            "你有一位客户已被回收到公海",
        ),
    },
}
SLOTS: Final = ("owner_id", "tier", "locked_until_ms", "extended_until_ms", "undisturbed_until_day")
FALL: Final[Sweep[Any]] = Sweep(
    "reclaim_fall", Standing, (ReclaimRule, TierPolicy, Organisation), to_fall, beside, reclaim.falls_ms, reclaimed
)
WARN: Final = Reminder("reclaim", Standing, SLOTS, earliest, occasions, to_remind, anew_by=(ReclaimRule, TierPolicy), then=FALL.name)
FEATURE: Final = Feature(
    verbs=(
        Verb("/v1/desk/reclaim-rules", NewReclaimRule, ReclaimRule, made_one, make, to_make),
        Verb("/v1/desk/reclaim/preview", ReclaimPreview, ReclaimPreviewed, previewed, stands_by, to_preview),
    ),
    lists=(Listing(ReclaimRule, "List the versions of the reclaim rule (D-141)."),),
    reminders=(WARN,),
    sweeps=(FALL,),
    notices=NOTICES,
)
