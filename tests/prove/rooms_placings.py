"""Planted bugs of the places that visits propose: what counts as a good visit, how many days, which datum, and whose change stands."""

from typing import Final

from tests.prove.planting import Plant

RULE: Final = "unit/domain/test_domain_placings.py"
DESK: Final = "integration/test_placings.py"
PLANTS: Final = (
    Plant(
        "place_of_one_day",
        "Three visits of one day make a place.",
        "server.domain.learned_places:_days",
        "return len({one.day for one in sightings})",
        "return len([one.day for one in sightings])",
        (f"{RULE}::test_three_days_make_a_place_and_two_do_not",),
    ),
    Plant(
        "place_of_a_doubtful_visit",
        "A place is learned from visits whose evidence contradicts itself.",
        "server.domain.learned_places:good_at",
        "if visit.flags & DOUBTS or visit.mock",
        "if visit.mock",
        (f"{RULE}::test_no_place_is_learned_from_a_visit_that_proves_little[worse6]",),
    ),
    Plant(
        "place_of_half_the_days",
        "Of two places with as many days one is proposed.",
        "server.domain.learned_places:gathered",
        "2 * _days(best) <= _days(sightings)",
        "2 * _days(best) < _days(sightings)",
        (f"{RULE}::test_visits_far_from_each_other_make_no_place",),
    ),
    Plant(
        "datum_without_a_reason",
        "Another datum is proposed for a place that lies nowhere near the visits in any.",
        "server.domain.learned_places:fitting_datum",
        "return datum if way_mm <= NEAR_MM else None",
        "return datum",
        (f"{RULE}::test_a_pair_told_in_a_wrong_datum_is_found_by_its_visits[2]",),
    ),
    Plant(
        "declined_comes_again",
        "A place that was declined is proposed again by the same visits.",
        "server.domain.placings:_sightings",
        " and one.occurred_ms > since_ms",
        "",
        (f"{DESK}::test_a_declined_place_comes_again_by_new_visits_alone[sqlite]",),
    ),
    Plant(
        "taken_back_and_counted",
        "A visit that its author took back still tells a place.",
        "server.domain.placings:_sightings",
        "and one.id not in back ",
        "",
        (f"{DESK}::test_weak_mocked_and_withdrawn_visits_and_those_of_one_day_propose_nothing[sqlite]",),
    ),
    Plant(
        "confirmed_unseen",
        "The desk confirms another place than the one that is proposed.",
        "server.domain.placings:_decided",
        "or not same:",
        "or False:",
        (f"{DESK}::test_a_change_that_the_desk_has_not_seen_is_not_overwritten[sqlite]",),
    ),
    Plant(
        "declined_by_anybody",
        "A manager declines the place of a customer of another department.",
        "server.domain.placings:decline",
        "    ownership.disposed(actor, state, asked.customer_id)\n",
        "",
        (f"{DESK}::test_only_a_manager_of_its_followers_decides[sqlite]",),
    ),
)
