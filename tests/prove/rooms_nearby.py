"""Planted bugs of what is around: who stands there, how exactly, in which order, and whose cursor it is."""

from typing import Final

from tests.prove.planting import Plant

NEARBY: Final = "integration/test_nearby.py"
PLANTS: Final = (
    Plant(
        "exact_in_the_pool",
        "A pooled customer is found at its exact place.",
        "server.store.spots:_rows",
        "yield _row(org_id, pool_id, customer_id, masked(*at))",
        "yield _row(org_id, pool_id, customer_id, at)",
        (f"{NEARBY}::test_nothing_places_a_pooled_customer_within_its_square",),
    ),
    Plant(
        "moved_and_still_there",
        "Who loses a customer still finds it around.",
        "server.store.spots:_moved",
        "born | gone | elsewhere | set(state.holders_before)",
        "born | gone | elsewhere",
        (f"{NEARBY}::test_the_index_follows_every_move",),
    ),
    Plant(
        "same_place_for_ever",
        "A customer whose position is corrected is found at the old place.",
        "server.store.spots:_moved",
        "born | gone | elsewhere | set(state.holders_before)",
        "born | gone | set(state.holders_before)",
        (f"{NEARBY}::test_the_index_follows_every_move",),
    ),
    Plant(
        "places_of_all_organisations",
        "The same holder of another organisation finds its customers.",
        "server.store.spots:",
        '"kept.org_id = {} AND kept.holder_id',
        '"kept.org_id > 0 * {} AND kept.holder_id',
        (f"{NEARBY}::test_another_organisation_has_places_of_its_own",),
    ),
    Plant(
        "page_begins_at_the_last",
        "The last customer of a page is the first of the next.",
        "geo.nearby:nearest",
        "one > after",
        "one >= after",
        (f"{NEARBY}::test_pages_of_any_size_are_all_customers_by_distance",),
    ),
    Plant(
        "short_page_ends_the_list",
        "A list ends where a request has looked at as many as it may.",
        "server.services.nearby:_Looking._fitting",
        "if len(page) == self._wanted.limit or len(self._judged) >= READ_MAX:",
        "if len(self._judged) >= READ_MAX:\n                    return page\n                if len(page) == self._wanted.limit:",
        (f"{NEARBY}::test_where_few_of_a_crowd_are_wanted_a_page_may_be_short_and_the_next_goes_on",),
    ),
    Plant(
        "cursor_of_anybody",
        "A cursor is good for every user.",
        "server.services.nearby:opened",
        "if wanted.user_id == user_id:",
        "if wanted.user_id:",
        (f"{NEARBY}::test_a_cursor_is_of_one_user_and_of_this_server",),
    ),
    Plant(
        "done_and_still_due",
        "A follow-up that is done makes its customer due.",
        "server.services.nearby:_Looking._due",
        "and not plan.done and",
        "and",
        (f"{NEARBY}::test_each_filter_leaves_those_alone_that_fit",),
    ),
)
