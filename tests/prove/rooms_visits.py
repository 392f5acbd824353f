"""Planted bugs of the judge of visits: the fence, the clocks, other visits, check-outs."""

from typing import Final

from tests.prove.planting import Plant

JUDGED: Final = "unit/geo/test_geo_verify.py"
WHERE: Final = "integration/test_whereabouts.py"
FACTS: Final = "unit/domain/test_domain_facts.py"
PLANTS: Final = (
    Plant(
        "accuracy_forgiven",
        "A check-in is verified wherever its circle touches the fence.",
        "geo.verify:_verdict",
        "if distance + accuracy <= fence:",
        "if distance <= fence:",
        (f"{JUDGED}::test_each_border_to_the_millimetre",),
    ),
    Plant(
        "border_outside",
        "A check-in on the very border of the fence is not probable.",
        "geo.verify:_verdict",
        "distance - accuracy <= fence else",
        "distance - accuracy < fence else",
        (f"{JUDGED}::test_each_border_to_the_millimetre",),
    ),
    Plant(
        "no_accuracy_is_the_best",
        "A phone that says accuracy 0, which means none, is exactly there.",
        "geo.verify:_accuracy_mm",
        "0 < accuracy <= WEAK_ACCURACY_MM",
        "0 <= accuracy <= WEAK_ACCURACY_MM",
        (f"{JUDGED}::test_weak_accuracy_is_unverified_and_the_distance_is_still_told[0-no_accuracy]",),
    ),
    Plant(
        "wrong_clock_accuses",
        "A phone with a wrong clock is accused of an old fix.",
        "geo.verify:_fix_age_ms",
        "return min(",
        "return max(",
        (f"{JUDGED}::test_a_clock_a_year_ahead_accuses_nobody[1760000000000]",),
    ),
    Plant(
        "mocked_is_proof",
        "A mocked position proves a visit, and keeps the customer.",
        "geo.verify:judge",
        "if visit.mock or visit.mocked is Mocked.yes:",
        "if visit.mock and visit.mocked is Mocked.yes:",
        (
            f"{JUDGED}::test_evidence_that_contradicts_itself_proves_nothing[visit0-1]",
            f"{FACTS}::test_only_a_visit_that_its_evidence_proves_moves_the_last_visit[verdict1]",
        ),
    ),
    Plant(
        "clock_trusted",
        "A clock that was moved since the server was heard is believed.",
        "geo.verify:_times",
        "abs(corrected_ms - true_ms) > CLOCK_TOLERANCE_MS",
        "corrected_ms - true_ms > CLOCK_TOLERANCE_MS",
        (f"{JUDGED}::test_a_clock_that_was_moved_since_the_server_was_heard",),
    ),
    Plant(
        "speed_by_the_clock",
        "A clock that was set between two visits excuses a leap.",
        "geo.verify:_between_ms",
        "if is_same_start and visit.uptime_ms",
        "if not is_same_start and visit.uptime_ms",
        (f"{JUDGED}::test_in_one_start_of_the_device_its_uptime_says_how_long_it_took",),
    ),
    Plant(
        "speed_of_points",
        "The speed is that of two points, as if both positions were exact.",
        "geo.verify:_other_visits",
        "distance_mm(*was, *fix) - accuracy - (before.accuracy_mm or 0)",
        "distance_mm(*was, *fix)",
        (f"{JUDGED}::test_nobody_comes_faster_than_a_train",),
    ),
    Plant(
        "networks_never_repeat",
        "A network that names one place twice accuses the rep.",
        "geo.verify:_is_repeat",
        "return {visit.provider, before.provider} == {Provider.gps} and same and fixed",
        "return same and fixed",
        (f"{JUDGED}::test_satellites_never_name_a_place_twice",),
    ),
    Plant(
        "whole_town_excused",
        "A check-in anywhere in town is excused by another datum.",
        "geo.verify:_fits_shifted",
        "distance_mm(*one, *place) <= most_mm",
        "distance_mm(*one, *place) <= 10 * most_mm",
        (f"{JUDGED}::test_where_no_datum_shifts_nobody_is_excused",),
    ),
    Plant(
        "visits_of_others_judge",
        "A colleague's visit elsewhere accuses the rep.",
        "server.domain.facts:complete_visit",
        " and held.record.author_id == actor.user_id",
        "",
        (f"{FACTS}::test_a_visit_is_judged_by_those_of_the_same_rep_alone",),
    ),
    Plant(
        "correction_judged_anew",
        "A correction with a better position proves what the visit did not.",
        "server.domain.facts:complete_visit",
        "judged(visit, around) if first is None else corrected(visit, first, around)",
        "judged(visit, around)",
        (f"{FACTS}::test_a_correction_cannot_prove_what_the_visit_did_not",),
    ),
    Plant(
        "fences_fixed",
        "The fence is the same for every organisation.",
        "server.domain.facts:complete_visit",
        "CustomerKind.unknown, state.organisation)",
        "CustomerKind.unknown, None)",
        (f"{FACTS}::test_the_fence_is_the_organisations",),
    ),
    Plant(
        "card_knows_the_place",
        "A refused visit of somebody who said no stands with its place on the card.",
        "server.domain.whereabouts:allowed_fields",
        "return {slot: value for slot, value in fields.items() if slot not in NOWHERE}",
        "return fields",
        (f"{WHERE}::test_after_a_no_no_card_keeps_what_an_older_app_sends[sqlite]",),
    ),
)
