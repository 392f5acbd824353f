"""Planted bugs between the core and the store: what a push and a pull do around the fold."""

from typing import Final

from tests.prove.planting import Plant

PLANTS: Final = (
    Plant(
        "rejected_bytes_lost",
        "The bytes of what was rejected are not kept.",
        "server.services.sync_push:_refused",
        "kept = (Result.parked, Result.rejected)",
        "kept = (Result.parked,)",
        ("integration/test_sync_replay.py::test_poison_is_consumed_alone_and_its_bytes_are_kept",),
    ),
    Plant(
        "parked_untold",
        "A parked entry is not told to its author.",
        "server.services.sync_push:_written",
        "    tell(conn, acting, state, moment.now_ms)\n",
        "",
        ("integration/test_jobs.py::test_a_parked_edit_is_heard",),
    ),
    Plant(
        "superiors_unasked",
        "A manager approves his own quote by phone though somebody stands above.",
        "server.services.sync_load:_decisions",
        "if actor.role is Role.manager:",
        "if actor.role is Role.admin:",
        ("integration/test_quote_decisions.py::test_a_managers_own_quote_is_decided_by_another",),
    ),
    Plant(
        "revision_replaces_nothing",
        "An approved revision leaves the quote that it revises as it was.",
        "server.services.sync_load:_revisions",
        "load.by_ids(conn, state, actor.org_id, QUOTE, revised - ids.get(QUOTE, set()))",
        "load.by_ids(conn, state, actor.org_id, QUOTE, set())",
        ("integration/test_quote_decisions.py::test_a_revision_is_made_and_edited_offline_and_supersedes",),
    ),
    Plant(
        "custom_fields_unjudged",
        "A custom field in an entry of a customer is not known to the server.",
        "server.services.sync_load:_needs_reference",
        "sent.mutation.entity in numbers or EXTRA.encode() in bytes(sent.mutation.body)",
        "sent.mutation.entity in numbers",
        ("integration/test_sync_merge.py::test_one_custom_field_is_one_group",),
    ),
    Plant(
        "room_for_everything",
        "A device holds more scopes than one may.",
        "server.services.sync_pull:_held",
        "feed.SCOPES_MAX - len(scopes))",
        "feed.SCOPES_MAX)",
        ("integration/test_scope_limit.py::test_tiles_beyond_the_limit_are_left_out_whole_and_told",),
    ),
    Plant(
        "unheld_untold",
        "A manager of too many is not told that he sees only some.",
        "server.services.sync_pull:_held",
        "if left_out or unheld else None",
        "if left_out else None",
        ("integration/test_scope_limit.py::test_a_manager_of_too_many_is_told",),
    ),
    Plant(
        "void_for_ever",
        "An app too old to pull is told the cursor that does not count.",
        "server.services.sync_pull:pages_for",
        "kept = asked.cursor if cursor is not None or not asked.cursor else seal(after(owner, ()), key)",
        "kept = asked.cursor",
        ("integration/test_sync_other_history.py::test_an_app_too_old_to_pull_is_not_held_up_by_a_new_epoch",),
    ),
    Plant(
        "cursor_of_a_former_owner",
        "The cursor of a device does not change when the operator makes it begin anew.",
        "server.services.actors:owner_of",
        "acting.line_no, line.resets",
        "acting.line_no, 0",
        ("integration/test_sync_other_history.py::test_devices_begin_anew_when_the_operator_says_so_and_keep_their_queue",),
    ),
    Plant(
        "author_without_team",
        "What waited is judged as by somebody without a department.",
        "server.services.actors:of_user",
        "return placed(conn, Actor(org_id, user_id, line_no, Role(person.role)), person.department_id)",
        "return Actor(org_id, user_id, line_no, Role(person.role))",
        ("integration/test_sync_returns.py::test_a_card_sent_up_stays_with_the_manager_when_its_author_gets_the_customer_back",),
    ),
    Plant(
        "all_cards_go",
        "A page of a leaver's cards takes along every card that is loaded with it, whoever holds it.",
        "server.services.handing:hand_items",
        "if item.id in set(item_ids) and item.holder_id == user_id]",
        "]",
        ("integration/test_inbox_up.py::test_values_that_meet_by_a_move_at_the_desk_close_both",),
    ),
    Plant(
        "acked_without_forgetting",
        "Outcomes that a device has confirmed are never forgotten.",
        "server.services.sync_push:push",
        "        lines.confirm(conn, acting.org_id, acting.line_no, acked_n)\n",
        "        pass\n",
        ("integration/test_sync_replay.py::test_outcomes_stay_until_they_are_confirmed",),
    ),
)
