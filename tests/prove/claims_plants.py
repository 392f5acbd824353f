"""Planted bugs of the server: each has a fault that the claims proof counts, and must be noticed by the part named.

This module loads nothing of the program: a server loads it before its bug is in place.
"""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from tests.prove.planting import Plant

Part = Literal["race", "quota", "sweeps", "transfers", "contests", "holds"]


class ClaimsPlant(Struct, frozen=True):
    """`part`: of the proof. `fault`: what it must count above zero. `bug.databases`: the one on which it is planted."""

    part: Part
    fault: str
    bug: Plant

    @property
    def name(self) -> str:
        return self.bug.name


_JUDGED: Final = """    if standing.owner_id is not None:
        raise Problem(Code.claimed_by_other, "somebody else was first", first_id=standing.owner_id)
    if standing.pool_id != pool.id:
        raise Problem(Code.not_in_pool, "the customer is in another pool by now")
"""
_STALE: Final = "    _require_epoch(actor, state, standing, command, entered)\n"
_BETWEEN: Final = """    now_ms = entered.moment.now_ms
    claims.judge(actor, state, claims.Wish(pool, taken, standing, command, not may_claim(state, taken.held_by_id, pool)), now_ms)
"""
_FREE: Final = """    if standing.owner_id is not None or is_archived(standing) or known is None or not known.pooled:
        return False
    is_free = held_for(known, made.made_ms) in (None, made.claimant_id)
    return is_free and made"""
ALL: Final = (
    ClaimsPlant(
        "race",
        "double_winners",
        Plant(
            "claim_of_what_somebody_has",
            "A claim that comes second takes the customer from who was first.",
            "server.domain.pools:judged",
            _JUDGED + _BETWEEN + _STALE,
            _BETWEEN,
            (),
        ),
    ),
    ClaimsPlant(
        "race",
        "losers_untold",
        Plant(
            "winner_untold",
            "The answer and the card of a lost claim do not say who was first.",
            "server.domain.pools:judged",
            'raise Problem(Code.claimed_by_other, "somebody else was first", first_id=standing.owner_id)',
            'raise Problem(Code.claimed_by_other, "somebody else was first")',
            (),
        ),
    ),
    ClaimsPlant(
        "race",
        "entries_of_losers_lost",
        Plant(
            "entries_beneath_a_lost_claim_dropped",
            "What was entered beneath a claim that was lost does not wait with it.",
            "sync.asked:refused_claim",
            "if intent.mutation.kind not in WHOLE_KINDS:",
            "if intent.mutation.kind in WHOLE_KINDS:",
            (),
        ),
    ),
    ClaimsPlant(
        "race",
        "entries_of_losers_lost",
        Plant(
            "visits_of_losers_not_offered",
            "A true visit of who lost the race is offered to nobody.",
            "sync.contribution:_offer",
            "if facts and turn.rules.holding(turn.actor, state, customer_id) == Holding.none:",
            "if facts and turn.rules.holding(turn.actor, state, customer_id) == Holding.former:",
            (),
        ),
    ),
    ClaimsPlant(
        "race",
        "replayed_otherwise",
        Plant(
            "claim_without_event",
            "A claim leaves no line in the history of ownership.",
            "server.domain.pools:claim",
            '    happened(state, actor, owned, "claimed", entered)\n',
            "",
            (),
        ),
    ),
    ClaimsPlant(
        "quota",
        "quota_overrun",
        Plant(
            "quota_by_what_is_read",
            "A claim is counted by what was read before, and the count is never written.",
            "server.domain.claims:spend",
            "day * CLAIMS_MAX + count + 1",
            "day * CLAIMS_MAX + count",
            (),
        ),
    ),
    ClaimsPlant(
        "quota",
        "quota_overrun",
        Plant(
            "quota_one_too_many",
            "The daily limit lets one more claim through.",
            "server.domain.claims:judge",
            "used(actor.user_id, state, wish.pool, now_ms) >= limit",
            "used(actor.user_id, state, wish.pool, now_ms) > limit",
            (),
        ),
    ),
    ClaimsPlant(
        "quota",
        "quota_overrun",
        Plant(
            "quota_read_without_its_lock",
            "Two requests read the same count, and each writes one more.",
            "server.store.load:lock_counter",
            "    state.counters[key] = next_number(conn, org_id, key, 0) - 1  # it names the next number to hand out",
            "    known = conn.execute(sa.select(counter.c.value).where(counter.c.org_id == org_id, counter.c.key == key)).scalar()\n"
            "    state.counters[key] = known if known is not None else next_number(conn, org_id, key, 0) - 1",
            (),
            "postgres",
        ),
    ),
    ClaimsPlant(
        "sweeps",
        "touches_lost_to_reclaim",
        Plant(
            "fall_by_an_old_row",
            "A sweep takes a customer by what was due before, whatever came since.",
            "server.services.sweep:sweep",
            "if at_ms is not None and at_ms <= now_ms else ()",
            "if record is not None else ()",
            (),
        ),
    ),
    ClaimsPlant(
        "sweeps",
        "unwarned_reclaims",
        Plant(
            "fall_without_a_receipt",
            "A warning counts that no device has fetched.",
            "server.domain.reclaim:falls_ms",
            "if heard_ms is None:\n        return now_ms + HOUR_MS",
            "if heard_ms is None:\n        return now_ms",
            (),
        ),
    ),
    ClaimsPlant(
        "sweeps",
        "unwarned_reclaims",
        Plant(
            "fall_with_the_receipt",
            "A customer falls in the moment in which its owner hears that it may.",
            "server.domain.reclaim:falls_ms",
            "heard_ms + known.rule.min_warning_hours * HOUR_MS",
            "heard_ms",
            (),
        ),
    ),
    ClaimsPlant(
        "transfers",
        "left_behind_in_transfer",
        Plant(
            "contacts_stay_behind",
            "The contacts of a customer stay with who had it.",
            "server.store.load:family",
            'if entity not in families.HEADS and entity.name != "collaborator":',
            'if entity not in families.HEADS and entity.name not in ("collaborator", "contact"):',
            (),
        ),
    ),
    ClaimsPlant(
        "transfers",
        "left_behind_in_transfer",
        Plant(
            "instructions_stay_behind",
            "An instruction that is not done stays with the rep who no longer has the customer.",
            "server.domain.instruction_moves:follow",
            "known.state not in UNDONE or",
            "known.state in UNDONE or",
            (),
        ),
    ),
    ClaimsPlant(
        "transfers",
        "replayed_otherwise",
        Plant(
            "owner_collaborates",
            "Who becomes the owner goes on as collaborator beside.",
            "server.domain.ownership:transferred",
            "pools.end_collaborations(state, asked.customer_id, {asked.to_user_id})",
            "pools.end_collaborations(state, asked.customer_id, set())",
            (),
        ),
    ),
)
CONTESTED: Final = (
    ClaimsPlant(
        "contests",
        "contests_lost",
        Plant(
            "late_visit_contests_nothing",
            "A visit from before the reclaim that is told after it opens no contest.",
            "server.domain.facts:told",
            "return (known, *contests.opened(state, known, moment))",
            "return (known,)",
            (),
        ),
    ),
    ClaimsPlant(
        "contests",
        "overwritten_by_contest",
        Plant(
            "contest_kept_and_given",
            "A contest that is decided against the former owner gives the customer back all the same.",
            "server.domain.contests:decide",
            "if verdict is ContestState.kept:",
            "if verdict is ContestState.unknown:",
            (),
        ),
    ),
    ClaimsPlant(
        "contests",
        "silent_taken_too_soon",
        Plant(
            "warned_by_what_nobody_has",
            "A warning counts as soon as it is made, although the devices of its reader are silent.",
            "server.domain.reclaim:warned_ms",
            "        moments += [one.made_ms for one in found if one.kind == BELOW and one.user_id == reader_id]",
            "        pass\n    moments += [one.made_ms for one in found]",
            (),
        ),
    ),
)
PROVEN: Final = (
    ClaimsPlant(
        "contests",
        "given_back_wrongly",
        Plant(
            "given_back_over_a_claim",
            "A proven visit takes a customer back by rule from the rep who claimed it meanwhile.",
            "server.domain.given_back:is_restorable",
            _FREE,
            "    return made",
            (),
        ),
    ),
    ClaimsPlant(
        "contests",
        "given_back_wrongly",
        Plant(
            "proof_waits_for_the_manager",
            "A verified visit whose time is proven brings no customer back by rule.",
            "server.domain.given_back:is_restorable",
            "return is_free and made.proven_ms is not None",
            "return is_free and made.proven_ms is None",
            (),
        ),
    ),
)
HELD: Final = (
    ClaimsPlant(
        "holds",
        "holds_broken",
        Plant(
            "held_and_claimed_by_another",
            "A claim of another member wins while the customer is held.",
            "server.domain.claims:judge",
            "if holder_id is not None and not wish.void:",
            "if False:",
            (),
        ),
    ),
    ClaimsPlant(
        "holds",
        "holds_broken",
        Plant(
            "holds_counted_without_a_lock",
            "Two requests of one user read the same number of holds, and each takes one more.",
            "server.domain.holds:to_take",
            'yield from (Counter(f"holds:{asking.actor.user_id.hex()}"), claims.HELD.by(asking.actor.user_id))',
            "yield claims.HELD.by(asking.actor.user_id)",
            (),
            "postgres",
        ),
    ),
    ClaimsPlant(
        "holds",
        "holds_broken",
        Plant(
            "holds_beside_the_limit",
            "A hold costs no claim of the day.",
            "server.domain.holds:take",
            "    claims.spend(actor.user_id, state, pool, now_ms)\n",
            "",
            (),
        ),
    ),
)
PLANTS: Final[Mapping[str, ClaimsPlant]] = {one.name: one for one in (*ALL, *CONTESTED, *PROVEN, *HELD)}
