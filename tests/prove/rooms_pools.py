"""Planted bugs of the fitting pool, of the capacity of departments, and of the admins of a pool."""

from typing import Final

from tests.prove.planting import Plant

FIT: Final = "integration/test_pool_fit.py::"
DEPARTMENTS: Final = "integration/test_pool_departments.py::"
PLANTS: Final = (
    Plant(
        "fit_of_the_highest_number",
        "Of the pools that fit, the one with the highest priority number takes the customer.",
        "server.domain.pool_fit:best",
        "key=lambda one: (one.priority, one.id)",
        "key=lambda one: (-one.priority, one.id)",
        (f"{FIT}test_the_fitting_pool_with_the_lowest_priority_takes_a_release",),
    ),
    Plant(
        "fit_by_one_of_two",
        "A pool for tea of the east takes the tea of the west.",
        "server.domain.pool_fit:_fits",
        "(not pool.regions or region in pool.regions) and ",
        "(not pool.regions or region in pool.regions) or ",
        (f"{FIT}test_the_fitting_pool_with_the_lowest_priority_takes_a_release",),
    ),
    Plant(
        "fit_of_a_closed_pool",
        "A customer goes into a pool that is out of use, because it fits.",
        "server.domain.pool_fit:best",
        "if one.active and _fits",
        "if _fits",
        (f"{FIT}test_the_fitting_pool_with_the_lowest_priority_takes_a_release",),
    ),
    Plant(
        "fit_over_the_choice",
        "A pool that somebody chose gives way to the one that fits.",
        "server.domain.pool_fit:chosen",
        "best(state, customer) if choice.pool_by_fit else None",
        "best(state, customer)",
        (f"{FIT}test_a_pool_that_somebody_chose_stands",),
    ),
    Plant(
        "fall_beside_the_preview",
        "A customer falls into the pool that the rule names, whatever the preview told.",
        "server.domain.reclaims:reclaimed",
        "pool = goal(state, known.rule, standing) if known is not None else None",
        "pool = state.find(Pool, known.rule.pool_id or b'') if known is not None else None",
        (f"{FIT}test_a_preview_names_the_pools_into_which_customers_fall",),
    ),
    Plant(
        "fit_beside_the_mask",
        "A customer goes into the pool that fits while that pool changes what it hides.",
        "server.domain.pool_fit:to_choose",
        "EnteringAny(), ",
        "",
        ("integration/test_pool_races.py::test_who_enters_the_fitting_pool_waits_for_it_before_the_family",),
        "postgres",
    ),
    Plant(
        "department_unlocked",
        "Claims of one department are counted at the same time.",
        "server.domain.claims:counted",
        'Counter(f"owned_below:{department_id.hex()}"), ',
        "",
        (f"{DEPARTMENTS}test_twelve_reps_of_one_department_win_exactly_its_capacity",),
        "postgres",
    ),
    Plant(
        "department_without_those_below",
        "The users of the departments below do not count.",
        "server.domain.claims:users_below",
        "below = subtree(parents_of(state), actor.department_id)",
        "below = {actor.department_id}",
        (f"{DEPARTMENTS}test_a_department_counts_with_those_below_it",),
    ),
    Plant(
        "department_of_one_user",
        "The claimer's own customers alone count for the department.",
        "server.domain.claims:judge",
        "had(users_below(actor, state), state, now_ms)",
        "owned(actor.user_id, state)",
        (f"{DEPARTMENTS}test_twelve_reps_of_one_department_win_exactly_its_capacity",),
    ),
    Plant(
        "leavers_forgotten",
        "What a user who left still owns does not count for the department.",
        "server.domain.claims:users_below",
        "one.department_id in below",
        "one.active and one.department_id in below",
        (f"{DEPARTMENTS}test_the_customers_of_a_leaver_count_until_they_are_handed_over",),
    ),
    Plant(
        "pool_admin_for_nothing",
        "A manager who looks after a pool is no member of it.",
        "server.domain.pools:is_member",
        "actor.role is Role.manager and (actor.user_id if isinstance(actor, Actor) else actor.id) in pool.admin_ids",
        "False",
        (f"{DEPARTMENTS}test_a_manager_who_looks_after_a_pool_is_a_member_of_it",),
    ),
    Plant(
        "pool_admin_unwarned",
        "For a silent owner without a manager an admin of the organisation is warned, and nobody who looks after the pool.",
        "server.domain.reclaim_above:reader",
        "*_looking_after(state, goal(state, rule, standing)), ",
        "",
        (f"{DEPARTMENTS}test_who_looks_after_the_pool_is_warned_where_no_manager_is",),
    ),
    Plant(
        "pool_admin_who_left",
        "The warning goes to somebody who looked after the pool once and has left.",
        "server.domain.reclaim_above:_looking_after",
        "one.active and one.role in LEADERS",
        "one.role in LEADERS",
        (f"{DEPARTMENTS}test_who_looks_after_the_pool_is_warned_where_no_manager_is",),
    ),
)
