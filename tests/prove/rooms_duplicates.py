"""Planted bugs of customers that bear one number: the race, the masked answers, who decides, and what a decision moves."""

from typing import Final

from tests.prove.planting import Plant

OF: Final = "integration/test_duplicates.py::"
PLANTS: Final = (
    Plant(
        "numbers_unlocked",
        "Two at the desk who enter one number at once do not meet.",
        "server.store.alike:lock",
        'if conn.dialect.name == "postgresql":',
        "if False:",
        (f"{OF}test_two_at_the_desk_at_once_meet[postgres]",),
        "postgres",
    ),
    Plant(
        "desk_overtakes",
        "The desk's own customer is compared before those that phones sent earlier.",
        "server.services.alike:flag",
        "[*alike.take(conn, acting.org_id), own]",
        "[own]",
        (f"{OF}test_the_desk_meets_what_a_phone_sent_just_before[sqlite]",),
    ),
    Plant(
        "waiting_unordered",
        "Of two pushes that wait, the later one is compared first.",
        "server.store.alike:put_off",
        "(org_id, line_no, ENCODER.encode(written), org_id)",
        "(org_id, line_no, ENCODER.encode(written), -1)",
        (f"{OF}test_a_push_waits_and_the_first_to_send_was_first[sqlite]",),
    ),
    Plant(
        "compared_twice",
        "What was compared waits for ever, and is compared at each turn.",
        "server.store.alike:take",
        "TAKE_BY_DIALECT[conn.dialect.name], (org_id, org_id, pushes_max)",
        'f"SELECT * FROM {WAITS} WHERE org_id = {org_id}"',
        (f"{OF}test_the_desk_meets_what_a_phone_sent_just_before[sqlite]",),
    ),
    Plant(
        "guesses_answered",
        "A rep who guesses numbers all day is told of each that exists.",
        "server.domain.duplicates:_tell_author",
        "told >= TOLD_MAX",
        "told < 0",
        (f"{OF}test_who_guesses_learns_little_and_the_manager_sees_each_try[sqlite]",),
    ),
    Plant(
        "pair_decided_by_all",
        "A manager of another department decides about a pair.",
        "server.domain.duplicates:_may_decide",
        "known.decider_id in {actor.user_id, *actor.report_ids, *state.leavers}",
        "actor.role is Role.manager",
        (f"{OF}test_only_managers_above_and_admins_decide[sqlite]",),
    ),
    Plant(
        "same_kept",
        "The rep who entered a customer again keeps it.",
        "server.domain.duplicates:_joined",
        "if first.owner_id == second.owner_id:",
        "if first.owner_id is not None:",
        (f"{OF}test_the_same_goes_to_the_owner_of_the_first[sqlite]",),
    ),
)
