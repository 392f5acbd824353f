"""The tier policy: its versions, and whom a draft concerns (D-67x)."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import asdict, replace

from server.domain import reclaim
from server.domain.feature import Feature, Listing, Verb
from server.domain.local_times import local_day
from server.domain.needs import Asking, DeskNeed, Every, InTurn, Page, Rows
from server.domain.reclaim import EXEMPTIONS
from server.domain.tiers import policies_of, policy_on
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer, Standing, Tier
from shared_schema.records.reclaim import ReclaimRule
from shared_schema.records.reference import Organisation
from shared_schema.records.tier_policy import (
    PAGE_MAX,
    Concerned,
    NewTierPolicy,
    TierPolicy,
    TierPolicyPreview,
    TierPolicyPreviewed,
    TierTerms,
)
from shared_schema.registry import BY_RECORD
from sync.agreed.tiers import of_tier
from sync.rules import Actor, Entered
from sync.state import Held, State

BENEFITS: Final = tuple(slot for slot in TierTerms.__struct_fields__ if slot != "effective_from_day")
POLICY: Final = BY_RECORD[TierPolicy]
DRAFT: Final = bytes(16)
"""The id of a version that nobody has made."""

# versions


def to_make(_asking: Asking, asked: TierTerms) -> Iterable[DeskNeed]:
    """All versions, one request after the other; the organisation for its calendar and its currency."""
    if isinstance(asked, NewTierPolicy):
        yield InTurn("tier_policies")
    yield from (Every(TierPolicy), Every(Organisation))


def make(actor: Actor, state: State, asked: NewTierPolicy, entered: Entered) -> tuple[TierPolicy, ...]:
    """The next version; nothing when this request came before. Raises Problem(rule_broken | id_taken) (D-670)."""
    known = state.find(TierPolicy, asked.id)
    blank = TierPolicy(asked.id, 0, len(policies_of(state)) + 1, 0, actor.user_id, entered.moment.now_ms)
    made = _version(state, asked, blank)
    if known is not None:
        if replace(made, rev=known.rev, version=known.version, made_ms=known.made_ms, currency=known.currency) != known:
            raise Problem(Code.id_taken, "a version with this id and other content exists")
        return ()
    _judge(made, _today(state, entered.moment.now_ms))
    return (made,)


def _version(state: State, asked: TierTerms, blank: TierPolicy) -> TierPolicy:
    terms = {name: value for name, value in asdict(asked).items() if name in TierTerms.__struct_fields__}
    currency = state.organisation.currency if state.organisation is not None else blank.currency
    return replace(blank, **terms, currency=currency)


def _judge(made: TierPolicy, today: int) -> None:
    """Raises Problem(rule_broken) for a day that is over (D-670)."""
    if made.effective_from_day < today:
        raise Problem(Code.rule_broken, "a version begins today or later", field="effective_from_day")


def _today(state: State, now_ms: int) -> int:
    return local_day(now_ms, state.organisation.time_zone if state.organisation is not None else "UTC")


def made_one(state: State, asked: NewTierPolicy, _counts: Mapping[str, int]) -> TierPolicy:
    """The version as it stands."""
    found = state.find(TierPolicy, asked.id)
    if found is None:
        raise Problem(Code.not_found, "there is no such version")
    return found


# the preview


def to_preview(asking: Asking, asked: TierPolicyPreview) -> Iterable[DeskNeed]:
    """A page of customers with their names, the reclaim rule, and what may keep them."""
    yield from to_make(asking, asked)
    yield from (Every(ReclaimRule), Page(Standing, asked.after, PAGE_MAX))
    ids = frozenset(one.id for one in _page(asking.state, asked))
    if ids:
        yield Rows(Customer, ids)
        for name in sorted({name for rule in reclaim.rules_of(asking.state) for name in rule.exempt} & EXEMPTIONS.keys()):
            yield from EXEMPTIONS[name].wants(ids)


def stands_by(_actor: Actor, state: State, asked: TierPolicyPreview, entered: Entered) -> tuple[()]:
    """The draft stands beside the versions, and nothing is written. Raises the Problem of a version that says so."""
    now_ms = entered.moment.now_ms
    draft = _version(state, asked, TierPolicy(DRAFT, 0, len(policies_of(state)) + 1, 0, bytes(16), now_ms))
    _judge(draft, _today(state, now_ms))
    state.load(POLICY, Held(draft, {}))
    return ()


def previewed(state: State, asked: TierPolicyPreview, _counts: Mapping[str, int]) -> TierPolicyPreviewed:
    """The customers whose tier gets something else on the day on which the draft begins, with the days on which they fall (D-676)."""
    draft = policies_of(state)[-1]
    page, today = _page(state, asked), _today(state, draft.made_ms)
    after = {one.id: _falls_day(state, one, today) for one in page}
    del state.held[POLICY.number, DRAFT]
    stands = policy_on(state, draft.effective_from_day)
    changed = {tier for tier in Tier if stands is None or _benefits(stands, tier) != _benefits(draft, tier)}
    items = [
        Concerned(
            customer_id=one.id,
            name=customer.name,
            owner_id=one.owner_id,
            tier=one.tier,
            falls_day=after[one.id],
            fell_day=_falls_day(state, one, today),
        )
        for one in page
        if one.tier in changed and (customer := state.find(Customer, one.id)) is not None
    ]
    return TierPolicyPreviewed(items=items, next=page[-1].id if len(page) == PAGE_MAX else None)


def _benefits(policy: TierPolicy, tier: Tier) -> list[int]:
    return [of_tier(getattr(policy, slot), tier) for slot in BENEFITS]


def _falls_day(state: State, standing: Standing, today: int) -> int | None:
    fall = reclaim.would_fall(state, standing, today) if standing.owner_id is not None else None
    return fall.due_day if fall is not None else None


def _page(state: State, asked: TierPolicyPreview) -> list[Standing]:
    found = (held.record for held in state.held.values() if isinstance(held.record, Standing))
    return sorted((one for one in found if asked.after is None or one.id > asked.after), key=lambda one: one.id)[:PAGE_MAX]


FEATURE: Final = Feature(
    verbs=(
        Verb("/v1/desk/tier-policies", NewTierPolicy, TierPolicy, made_one, make, to_make),
        Verb("/v1/desk/tier-policy/preview", TierPolicyPreview, TierPolicyPreviewed, previewed, stands_by, to_preview),
    ),
    lists=(Listing(TierPolicy, "List the versions of the tier policy (D-670)."),),
)
