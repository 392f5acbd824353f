"""Planted bugs of reminders: the due index, the scheduler's turn, the moments of a follow-up."""

from typing import Final

from tests.prove.planting import Plant

TESTS: Final = "integration/test_reminders.py::test_"
PLANTS: Final = (
    Plant(
        "reminding_stops_at_a_failure",
        "A record that cannot be judged keeps all behind it.",
        "server.jobs.remind:_judge",
        'done = await attempt(database.write(remind, org_id, subjects, now_ms, outages), "remind", org_id, subjects[0][1])',
        "done = await database.write(remind, org_id, subjects, now_ms, outages)",
        (f"{TESTS}a_record_that_cannot_be_judged_holds_up_no_other",),
    ),
    Plant(
        "leaver_is_reminded",
        "A user who has left hears of what is due.",
        "server.services.remind:_hear",
        "if person is not None and person.active:",
        "if person is not None:",
        (f"{TESTS}a_user_who_has_left_hears_nothing_and_the_next_follower_does",),
    ),
    Plant(
        "past_is_told",
        "A plan for a moment that is over rings at once.",
        "server.domain.reminder:judged",
        "elif at_ms >= row.since_ms and at_ms",
        "elif at_ms",
        (f"{TESTS}a_plan_of_the_past_is_told_from_its_next_moment_on",),
    ),
    Plant(
        "only_the_first_moment",
        "After its first moment a record is never judged again.",
        "server.domain.reminder:judged",
        "for reader_id, at_ms in sorted(ahead.items()))",
        "for reader_id, at_ms in sorted(ahead.items())[:0])",
        (f"{TESTS}a_follow_up_reminds_at_each_of_its_moments",),
    ),
    Plant(
        "reminded_a_moment_late",
        "What is due at this minute waits for the next.",
        "server.domain.reminder:judged",
        "if at_ms > now_ms:",
        "if at_ms >= now_ms:",
        (f"{TESTS}a_follow_up_reminds_at_each_of_its_moments",),
    ),
    Plant(
        "new_owner_unreminded",
        "A customer that changes hands takes no plan along.",
        "server.domain.dues:_followed_by_others",
        "moved = moved_customers(state)",
        "moved = set[bytes]()",
        (f"{TESTS}a_new_owner_in_the_east_is_reminded_in_time",),
    ),
    Plant(
        "another_zone_forgotten",
        "A user who flies east is reminded by the old clock.",
        "server.store.dues:note",
        "for shift in shifts(state):",
        "for shift in shifts(state)[:0]:",
        (f"{TESTS}a_user_who_flies_east_is_reminded_in_time", f"{TESTS}an_organisation_that_moves_east_is_reminded_in_time"),
    ),
    Plant(
        "zone_of_the_organisation",
        "Everybody is reminded by the organisation's clock.",
        "server.services.remind:_zone",
        "if settings is not None and settings.time_zone:",
        'if settings is not None and settings.time_zone == "-":',
        (f"{TESTS}a_user_who_flies_east_is_reminded_in_time",),
    ),
    Plant(
        "plan_of_a_stranger",
        "An author who follows the customer up no more is reminded all the same.",
        "server.domain.follow_ups:follower",
        "if author_id is not None and author_id in state.holders(customer_id):",
        "if author_id is not None:",
        (f"{TESTS}the_author_is_reminded_while_following_the_customer_up", f"{TESTS}reminders_go_on_to_the_new_owner"),
    ),
    Plant(
        "contact_completes_what_is_ahead",
        "A contact of the day before completes the plan of the day after.",
        "server.domain.follow_ups:completed",
        "if one.due_day <= day)",
        "if one.due_day <= latest)",
        (f"{TESTS}a_contact_completes_a_follow_up_and_its_notice_ends",),
    ),
    Plant(
        "another_day_is_no_news",
        "A plan that moves to an earlier day is told as of the old one.",
        "server.domain.dues:_is_news",
        "return any(getattr(before.record, slot) != getattr(after, slot) for slot in rule.slots)",
        "return False",
        (f"{TESTS}a_nearer_day_is_told_in_time",),
    ),
    Plant(
        "plans_of_before_unreminded",
        "After the upgrade nobody is reminded of a plan that was made before.",
        "server.migrations.versions.0018_due:",
        '("follow_up", "follow_up", "NOT done"),',
        '("follow_up", "follow_up", "done"),',
        ("integration/test_due_migration.py",),
    ),
    Plant(
        "upgrade_tells_of_the_past",
        "After the upgrade everybody hears of all that was due before.",
        "server.migrations.versions.0018_due:_due",
        "now_ms = int(time.time() * 1000)",
        "now_ms = 0",
        ("integration/test_due_migration.py",),
    ),
)
