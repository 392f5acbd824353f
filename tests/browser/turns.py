"""A pytest plugin, `-p tests.browser.turns`: which flows are played, in which order, and until when. The proof of the apps asks for it."""

import random
import time
from collections.abc import Iterable, Mapping
from typing import Final

import pytest

PROMISED: Final[Mapping[str, str]] = {
    "the first sync": "flow_the_first_sync_pauses_with_the_network_and_goes_on",
    "an offline day of twelve kinds of entry and more": "flow_a_day_of_all_kinds_of_entry_is_killed_offline_and_arrives_once",
    "kill and restart without a network": "flow_an_app_that_was_killed_starts_without_a_network",
    "a conflict in two contexts, decided and undone": "flow_a_conflict_of_two_phones_is_decided_offline_and_undone_in_chinese",
    "no value overwritten unseen": "flow_a_value_that_came_while_a_form_was_open_is_not_overwritten_unseen",
    "the claim race of two phones": "flow_of_two_phones_that_claim_offline_one_wins_and_the_other_reads_who",
    "a late edit": "flow_a_late_edit_of_a_former_holder_is_settled",
    "two windows": "flow_two_windows_of_one_phone_never_work_at_once",
    "two users of one phone": "flow_what_one_user_left_unsent_waits_unseen_and_arrives_once",
    "an update while entries wait": "flow_an_update_waits_for_the_person_and_keeps_what_waits",
    "notices without a network": "flow_notices_are_read_without_a_network_and_their_receipts_arrive_once",
    "what is done on one phone": "flow_what_is_done_on_one_phone_is_done_on_the_other",
    "settings made without a network": "flow_settings_are_entered_without_a_network_and_synced",
    "push offered when it is of use": "flow_push_is_offered_at_the_first_useful_moment_and_not_before",
    "the worker's push handler": "flow_a_push_lets_the_app_sync",
    "a revoked phone": "flow_a_revoked_phone_is_wiped",
    "a quote submitted offline and approved": "flow_a_quote_that_was_submitted_offline_is_approved_at_the_desk",
    "a transfer seen on both phones": "flow_a_customer_changes_hands_at_the_desk_and_both_phones_show_it",
    "an import with one bad row": "flow_a_bad_row_is_given_back_with_its_reason_and_imported_once_corrected",
    "an instruction to two reps, seen at each step": "flow_a_manager_instructs_two_reps_and_sees_each_step_in_order",
    "few taps to a visit": "flow_the_first_visit_takes_few_taps_and_its_position_gets_better",
    "few taps to a contact": "flow_a_contact_takes_few_taps_from_today_and_a_plan_is_moved_and_done",
}
"""What must be played in every run, however short: it comes first."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the run's dice and its end."""
    parser.addoption("--flow-seed", type=int, help="each flow on one database alone, drawn by this number, in an order drawn by it too")
    parser.addoption(
        "--flow-until-s", type=float, help="no flow begins after this moment of the machine's monotonic clock, but those promised"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose and order the flows; the same in every worker."""
    seed = config.getoption("--flow-seed")
    if seed is None:
        return
    dice = random.Random(seed)
    one_each: dict[str, list[pytest.Item]] = {}
    for item in items:
        one_each.setdefault(apart_from_database(item.nodeid), []).append(item)
    chosen = [dice.choice(alike) for alike in one_each.values()]
    dice.shuffle(chosen)
    gone = {item.nodeid for item in items} - {item.nodeid for item in chosen}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in gone])
    items[:] = sorted(chosen, key=lambda item: not is_promised(item.nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """A flow that would begin too late is left out, without a word."""
    until_s = item.config.getoption("--flow-until-s")
    return True if until_s is not None and time.monotonic() > until_s and not is_promised(item.nodeid) else None


def apart_from_database(nodeid: str) -> str:
    """What two runs of one flow on two databases have in common."""
    return nodeid.replace("sqlite", "").replace("postgres", "")


def is_promised(nodeid: str) -> bool:
    """Whether every run plays this flow."""
    return flow_name(nodeid) in PROMISED.values()


def flow_name(nodeid: str) -> str:
    """The name of a flow without its file and what varies in it."""
    return nodeid.rpartition("::")[2].partition("[")[0]


def unplayed(nodeids: Iterable[str]) -> list[str]:
    """What was promised and not played."""
    played = {flow_name(one) for one in nodeids}
    return [promise for promise, flow in PROMISED.items() if flow not in played]
