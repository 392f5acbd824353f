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
        "server.store.open_items:naming",
        "if item.holder_id == holder_id or item.customer_id in customer_ids:",
        "if item.holder_id == holder_id:",
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
        "server.store.lines:",
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
        "reference_page_repeats",
        "Every page of the catalogue begins with the last record of the page before.",
        "server.store.reference:page",
        "table.c.id > after",
        "table.c.id >= after",
        ("integration/test_pages.py::test_pages_are_the_list_cut_in_pieces[sqlite-server.services.catalogue-_products]",),
    ),
)
PLANTS: Final = (*LOADED, *WRITTEN, *LINES)
