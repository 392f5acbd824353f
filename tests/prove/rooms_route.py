"""Planted bugs of the day's plan and of its route."""

from typing import Final

from tests.prove.planting import Plant

ROUTE: Final = "unit/geo/test_geo_route.py"
PLAN: Final = "unit/geo/test_geo_day_plan.py"
PLANTS: Final = (
    Plant(
        "first_way_taken",
        "The way to the nearest stop each time is never improved.",
        "geo.route_search:Search.improved",
        "while (found := self.turned() or self.moved() or self.swapped()) or not self.strict:",
        "while found := False:",
        (f"{ROUTE}::test_small_days_are_within_a_hundredth_of_the_optimum",),
    ),
    Plant(
        "estimate_of_the_crow",
        "The estimate of the way by road is that of a crow.",
        "geo.route:by_road_mm",
        "length_mm * 13 // 10",
        "length_mm * 10 // 10",
        (f"{ROUTE}::test_the_way_by_road_is_an_estimate",),
    ),
    Plant(
        "weight_forgotten",
        "A stop that presses waits until the way comes by.",
        "geo.route_search:Search.__init__",
        "self.weights = weights",
        "self.weights = [0] * len(weights)",
        (f"{ROUTE}::test_what_presses_comes_earlier_than_it_lies",),
    ),
    Plant(
        "place_given_up",
        "A stop that the rep has put somewhere moves with the others.",
        "geo.route_search:Search.__init__",
        "if place not in places))",
        "if place < self.count))",
        (f"{ROUTE}::test_what_the_rep_has_put_somewhere_stays_there",),
    ),
    Plant(
        "deadline_passed_by",
        "The order knows no deadline.",
        "geo.route:_windows",
        "if opens is not None or closes is not None:",
        "if opens is not None:",
        (f"{ROUTE}::test_a_deadline_is_kept_where_the_detour_is_worth_it",),
    ),
    Plant(
        "end_forgotten",
        "The way to the end is no part of the route.",
        "geo.route:legs_mm",
        "*((end,) if end is not None else ())",
        "*()",
        (f"{ROUTE}::test_an_end_draws_the_last_stop_to_it",),
    ),
    Plant(
        "plan_of_others",
        "A colleague's follow-up with a shared customer stands in the day of both.",
        "geo.day_plan:_follow_ups",
        "or (is_own and (customer_id, author_id) not in shared)",
        "or is_own",
        (f"{PLAN}::test_a_follow_up_is_the_authors_while_the_author_follows_the_customer_up",),
    ),
    Plant(
        "visited_again",
        "A rep who was there today is sent there again.",
        "geo.day_plan:_instructions",
        "one.sent_ms <= known.visited_ms.get(one.customer_id, -1)",
        "one.sent_ms < known.visited_ms.get(one.customer_id, -1)",
        (f"{PLAN}::test_a_visit_of_today_ends_the_stop_but_for_what_was_ordered_since",),
    ),
    Plant(
        "day_without_end",
        "Each stop that is done brings another customer whose cadence asks.",
        "geo.day_plan:day_plan",
        "found.keys() | known.visited_ms.keys() | set(known.left_out)",
        "found.keys() | set(known.left_out)",
        (f"{PLAN}::test_the_cadence_fills_a_day_with_the_nearest",),
    ),
)
