"""Planted bugs of the tier policy."""

from typing import Final

from tests.prove.planting import Plant

PLAYED: Final = "integration/test_tier_policies.py"
STORY: Final = "integration/test_tier_story.py::test_a_changed_tier_and_a_changed_policy_reach_the_phone_with_the_next_sync[sqlite]"
PLANTS: Final = (
    Plant(
        "policy_at_once",
        "A version of the tier policy counts before its day.",
        "sync.agreed.tiers:policy_now",
        "policy.effective_from_day <= day",
        "policy.effective_from_day >= 0",
        (f"{PLAYED}::test_a_version_counts_from_its_day_on_and_each_phone_holds_it[sqlite]",),
    ),
    Plant(
        "larger_limit_holds",
        "A rep may give the larger of two discounts.",
        "sync.agreed.tiers:discount_limit_bps",
        "min(limits, default=None)",
        "max(limits, default=None)",
        (STORY,),
    ),
    Plant(
        "tier_of_the_reclaim_ignored",
        "A rule without days goes by the days of no tier.",
        "sync.agreed.reclaim:by_policy",
        "of_tier(policy.held_days, tier)",
        "of_tier(policy.held_days, Tier.unknown)",
        (f"{PLAYED}::test_the_reclaim_day_goes_by_the_policy_where_the_rule_names_none[sqlite]",),
    ),
    Plant(
        "stricter_policy_takes_at_once",
        "A stricter policy lets a customer fall on the day of the change.",
        "sync.agreed.reclaim:by_policy",
        "max(rule.effective_from_day, policy.effective_from_day if policy is not None else 0)",
        "rule.effective_from_day",
        (f"{PLAYED}::test_a_stricter_policy_warns_first[sqlite]",),
    ),
    Plant(
        "cadence_of_the_organisation",
        "Reminders of customers without a contact know no tier.",
        "server.domain.no_contact:occasions",
        "of_tier(cadences(policy_on(state, today), organisation.cadence_days), standing.tier)",
        "organisation.cadence_days",
        (f"{PLAYED}::test_a_tier_and_a_policy_move_the_cadence_at_once[sqlite]",),
    ),
    Plant(
        "overdue_by_the_tier_untold",
        "An owner who is overdue by a new tier hears only after the cadence is over once more.",
        "server.domain.no_contact:occasions",
        "now_ms if day < today else Local(day, MORNING)",
        "Local(day, MORNING)",
        (f"{PLAYED}::test_a_tier_and_a_policy_move_the_cadence_at_once[sqlite]",),
    ),
    Plant(
        "preview_of_everybody",
        "A preview lists customers whose tier gets nothing else.",
        "server.domain.tier_policies:previewed",
        "if one.tier in changed and",
        "if",
        (f"{PLAYED}::test_a_preview_tells_whom_a_draft_concerns[sqlite]",),
    ),
)
