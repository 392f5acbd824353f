"""Planted bugs of the store: conversion, loading, writing, the feed, the history, device lines, and what one organisation may see."""

from typing import Final

from tests.prove.planting import Plant

LOADED: Final = (
    Plant(
        "foreign_deletions_told",
        "A deleted record of somebody else is told to be gone.",
        "server.store.load:tombstones",
        "if customer_id not in seen}",
        "if customer_id is None}",
        ("integration/test_sync_walk.py::test_a_foreign_deleted_record_is_unknown_too",),
    ),
    Plant(
        "cards_of_others_unseen",
        "A card about a customer is not closed by who holds the customer.",
        "server.store.inbox:naming",
        "if item.holder_id == whose.holder_id or item.customer_id in whose.customer_ids:",
        "if item.holder_id == whose.holder_id:",
        ("integration/test_inbox_up.py::test_values_that_meet_close_both",),
    ),
)
WRITTEN: Final = (
    Plant(
        "update_in_every_organisation",
        "A change of a record changes those of its id in all organisations.",
        "server.store.convert:_by_key",
        'return table.c.org_id == sa.bindparam("key_org_id"), table.c.id == sa.bindparam("key_id")',
        'return table.c.org_id >= 0 * sa.bindparam("key_org_id"), table.c.id == sa.bindparam("key_id")',
        ("unit/test_convert.py::test_written_and_read_back_equal",),
    ),
)
LINES: Final = (
    Plant(
        "half_a_row_forgotten",
        "With the first outcome of a push all of it are forgotten.",
        "server.store.device_lines:",
        'answered.c.last_n <= sa.bindparam("key_n"',
        'answered.c.first_n <= sa.bindparam("key_n"',
        ("integration/test_sync_replay.py::test_outcomes_stay_until_they_are_confirmed",),
    ),
    Plant(
        "user_page_repeats",
        "Every page of users begins with the last one of the page before.",
        "server.store.identity:users",
        "account.c.user_id > after",
        "account.c.user_id >= after",
        ("integration/test_pages.py::test_pages_are_the_list_cut_in_pieces[sqlite-server.services.users-_users]",),
    ),
    Plant(
        "half_a_tile",
        "Of the scopes of a tile as many are held as there is room for.",
        "server.store.feed:tiles_within",
        "if len(taken) + len(fresh) > room:",
        "if len(taken) >= room:",
        ("integration/test_scope_limit.py::test_tiles_beyond_the_limit_are_left_out_whole_and_told",),
    ),
    Plant(
        "last_piece_lost",
        "Of many ids the last ones are not looked up.",
        "server.store.hot:pieces",
        "for at in range(0, len(ordered), LISTED_MAX):",
        "for at in range(0, max(1, len(ordered) - LISTED_MAX + 1), LISTED_MAX):",
        ("integration/test_no_silent_cut.py::test_more_ids_than_a_statement_takes_are_all_looked_up",),
    ),
    Plant(
        "unburied_in_all",
        "With a restored record the deletions of all records of its id are forgotten.",
        "server.store.write:_unbury",
        "(tombstone.c.org_id == org_id, tombstone.c.entity == entity, tombstone.c.id == record_id)",
        "(tombstone.c.org_id == org_id, tombstone.c.entity == entity)",
        ("integration/test_sync_restore.py::test_a_restore_unburies_its_record_alone",),
    ),
    Plant(
        "cursors_of_all_void",
        "One account's phones are to begin anew, and all of the organisation do.",
        "server.store.devices:void_cursors",
        "if user_id is None else",
        "if user_id is None or org_id else",
        ("integration/test_sync_other_history.py::test_devices_begin_anew_when_the_operator_says_so_and_keep_their_queue",),
    ),
    Plant(
        "oldest_history",
        "The history of a record shows its oldest changes when there are too many.",
        "server.store.history:of_record",
        "change.c.rev.desc(), change.c.group_name",
        "change.c.rev, change.c.group_name",
        ("integration/test_pages.py::test_a_history_begins_with_the_newest_and_ends_at_its_bound",),
    ),
    Plant(
        "history_of_every_organisation",
        "The history of a record shows changes of that id in other organisations.",
        "server.store.history:of_record",
        "(change.c.org_id == org_id, change.c.entity",
        "(change.c.entity",
        ("integration/test_pages.py::test_a_history_begins_with_the_newest_and_ends_at_its_bound",),
    ),
    Plant(
        "row_that_spans",
        "An outcome in the middle of a push is not found again.",
        "server.store.device_lines:outcomes",
        "answered.c.last_n >= first_n",
        "answered.c.first_n >= first_n",
        ("integration/test_sync_replay.py::test_outcomes_stay_until_they_are_confirmed",),
    ),
    Plant(
        "after_anybodys_command",
        "A command that follows one of its own phone follows that of another phone.",
        "server.store.load:epochs_after",
        "{(line_no, n) for n in numbers}",
        "{(one, n) for one in range(1, 99) for n in numbers}",
        ("integration/test_sync_pools.py::test_a_command_follows_one_of_its_own_phone_alone",),
    ),
)
PLANTS: Final = (*LOADED, *WRITTEN, *LINES)
