"""Planted bugs of contests: what opens one, who decides, what a decision moves."""

from typing import Final

from tests.prove.planting import Plant

PLAYED: Final = "integration/test_contests.py"
PROVEN: Final = "integration/test_contests_proven.py"
LESS: Final = (f"{PROVEN}::test_a_visit_that_proves_less_waits_for_the_manager",)
PLANTS: Final = (
    Plant(
        "proven_by_another_start",
        "Uptimes of two starts of a device are compared.",
        "server.domain.proven_time:proven_ms",
        " or visit.boot != clock.boot",
        "",
        LESS,
    ),
    Plant(
        "proven_against_the_clock",
        "A visit is proven although the device's clock says something else.",
        "server.domain.proven_time:proven_ms",
        " or abs(at_ms - occurred_ms) > TOLERANCE_MS",
        "",
        LESS,
    ),
    Plant(
        "proven_after_a_push",
        "A device that has pushed since proves a visit of before.",
        "server.domain.proven_time:proven_ms",
        "clock.pushed_ms and clock.pushed_ms + NOTED_MS <= at_ms",
        "clock.pushed_ms",
        LESS,
    ),
    Plant(
        "given_back_unverified",
        "A visit elsewhere brings a customer back.",
        "server.domain.given_back:is_restorable",
        " and made.verdict is Verdict.verified",
        "",
        LESS,
    ),
    Plant(
        "given_back_unproven",
        "A visit whose time nothing proves brings a customer back.",
        "server.domain.given_back:is_restorable",
        " and made.proven_ms is not None",
        "",
        LESS,
    ),
    Plant(
        "given_back_under_a_hold",
        "A customer that a colleague holds goes back by rule.",
        "server.domain.given_back:is_restorable",
        "is_free and ",
        "",
        (f"{PROVEN}::test_a_customer_that_a_colleague_holds_waits_for_the_manager",),
    ),
    Plant(
        "contest_by_any_late_fact",
        "A late contact contests although the customer would have fallen with it.",
        "server.domain.contests:_contestable",
        "return rule if due_day(touched, rule, zone) > fell_on else None",
        "return rule",
        (f"{PLAYED}::test_what_opens_no_contest",),
    ),
    Plant(
        "contest_for_ever",
        "A reclaim can be contested for ever.",
        "server.domain.contests:_contestable",
        "now_ms > fell_ms + rule.contest_days * DAY_MS",
        "now_ms < fell_ms",
        (f"{PLAYED}::test_what_opens_no_contest",),
    ),
    Plant(
        "contests_unlimited",
        "A rep contests every reclaim of the month.",
        "server.domain.contests:opened",
        " or _opened(state, claimant_id, moment.now_ms) >= rule.contests_monthly",
        "",
        (f"{PLAYED}::test_what_opens_no_contest",),
    ),
    Plant(
        "contest_opened_again",
        "A second late contact opens a decided contest again.",
        "server.domain.contests:opened",
        "state.find(Contest, record_id) is not None or ",
        "",
        (f"{PLAYED}::test_one_reclaim_is_contested_once",),
    ),
    Plant(
        "contest_decided_by_all",
        "A manager of another department decides a contest.",
        "server.domain.contests:decide",
        "known.decider_id in {actor.user_id, *actor.report_ids, *state.leavers}",
        "actor.role is Role.manager",
        (f"{PLAYED}::test_a_stranger_decides_nothing",),
    ),
    Plant(
        "contest_takes_from_strangers",
        "A manager takes a contested customer from a user of another department.",
        "server.domain.contests:_given_back",
        "        ownership.disposed(actor, state, standing.id)\n",
        "        pass\n",
        (f"{PLAYED}::test_a_manager_takes_no_customer_of_another_department",),
    ),
    Plant(
        "restored_untouched",
        "A customer that was given back falls again at once: the late contact counts for nothing.",
        "server.domain.contests:_given_back",
        "max(standing.last_contact_ms or 0, known.occurred_ms)",
        "standing.last_contact_ms",
        (f"{PLAYED}::test_restored_from_the_pool",),
    ),
)
