"""Planted bugs of evaluation: the points, the tier, the worker, and who reads why."""

from typing import Final

from tests.prove.planting import Plant

LAWS: Final = "property/test_evaluation_laws.py"
PLAYED: Final = "integration/test_evaluation.py"
PLANTS: Final = (
    Plant(
        "evaluation_loses_a_point",
        "What the parts lose by rounding goes to nobody.",
        "server.domain.evaluation.points:_shared",
        "for at in most[:left]:",
        "for at in most[:0]:",
        (f"{LAWS}::test_what_the_parts_lose_by_rounding_goes_to_the_one_that_loses_most",),
    ),
    Plant(
        "evaluation_counts_unknown_as_nothing",
        "A customer of whom the profit is unknown is no provisional one.",
        "server.domain.evaluation.points:score",
        "facts.profit_minor is None or",
        "False or",
        (f"{LAWS}::test_what_is_unknown_never_makes_a_customer_an_a",),
    ),
    Plant(
        "evaluation_takes_a_tier_at_once",
        "A customer loses its tier the first time that it is too low.",
        "server.domain.evaluation.tiers:earned",
        "known.low_periods + 1 >= LOW_PERIODS",
        "True",
        (f"{LAWS}::test_a_tier_is_lost_only_after_two_scheduled_periods_too_low",),
    ),
    Plant(
        "evaluation_counts_an_import_as_a_night",
        "What was entered between two nights counts as one.",
        "server.services.evaluate:touched",
        "Turn(model.version, model.terms)",
        "Turn(model.version, model.terms, now_ms)",
        (f"{PLAYED}::test_a_tier_falls_after_two_nights_and_no_import_counts_as_one",),
    ),
    Plant(
        "evaluation_overrules_the_manager",
        "The evaluation ends a tier that a manager set by hand.",
        "server.services.evaluate:judged",
        "tier = Tier(known.stands.tier) if is_set else now.tier",
        "tier = now.tier",
        (f"{PLAYED}::test_a_manager_sets_a_tier_until_a_day",),
    ),
    Plant(
        "evaluation_forgets_the_order",
        "An order lets nobody be evaluated before the night.",
        "server.store.evaluations:_changed",
        "if key[0] in BOUGHT:",
        "if False:",
        (f"{PLAYED}::test_no_profit_reaches_a_phone_or_the_history",),
    ),
    Plant(
        "evaluation_for_strangers",
        "A manager reads why any customer has its tier.",
        "server.services.evaluation_models:_sees",
        "acting.reach is Reach.organisation or",
        "True or",
        ("integration/test_tenancy.py::test_no_stranger_sees_a_byte_by_any_route",),
    ),
    Plant(
        "evaluation_rates_for_the_owner",
        "A collaborator rates a customer in the owner's place.",
        "server.domain.tier_setting:rate",
        "if actor.user_id != standing.owner_id:",
        "if False:",
        (f"{PLAYED}::test_the_best_contact_and_the_owners_rating_count",),
    ),
)
