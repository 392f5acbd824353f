"""Planted bugs of what the desk keeps and of what REST shows: the catalogue, pools, imports, quotes, lists and timelines."""

from typing import Final

from tests.prove.planting import Plant

CATALOGUE: Final = (
    Plant(
        "manager_makes_pools",
        "A manager makes pools and says what their cards hide.",
        "server.domain.matrix:",
        '"POST /v1/desk/pools": ADMIN,',
        '"POST /v1/desk/pools": LEADER,',
        ("integration/test_desk_moves.py::test_a_manager_has_no_say_over_pools_and_users_of_others",),
    ),
    Plant(
        "mask_told_before_families",
        "A changed pool is told to everybody before the families in it are locked: whoever holds one and tells everybody closes a circle.",
        "server.services.tables:put",
        "    state, _ = carried_out(conn, acting, deciding, now_ms)\n",
        "    from server.domain.needs import Rows\n"
        "    carried_out(conn, acting, Deciding(lambda _: (Rows(record, frozenset({record_id})),), deciding.decide), now_ms)\n"
        "    state, _ = carried_out(conn, acting, deciding, now_ms)\n",
        ("integration/test_pool_races.py::test_a_leavers_card_about_a_pooled_customer_goes_up_while_its_pool_changes",),
        "postgres",
    ),
    Plant(
        "leaver_told_twice",
        "The cards of a user who leaves are told before the person is locked, and everybody hears of the end behind that.",
        "server.services.users:enter",
        "    state.keep(person)\n",
        "    save_state(conn, state, Actor(org_id, user_id, 0, Role.unknown), now_ms)\n    state._begin()\n    state.keep(person)\n",
        ("integration/test_keep.py::test_all_that_a_desk_verb_changed_is_told_at_once_and_last[sqlite]",),
    ),
    Plant(
        "mask_of_another_pool",
        "A customer that went to another pool while its pool changed gets a card in the pool that it left.",
        "server.domain.pools:_masked_anew",
        " and known.pool_id == pool.id",
        "",
        ("integration/test_pool_races.py::test_a_mask_leaves_alone_who_went_to_another_pool_meanwhile",),
        "postgres",
    ),
    Plant(
        "equal_told_again",
        "What the desk keeps is told to everybody each time it is saved, changed or not.",
        "server.domain.desk:keep",
        "state.keep(one)",
        "state.write(one)",
        ("integration/test_keep.py::test_what_is_equal_keeps_its_rev_and_feeds_nothing",),
    ),
)
RECORDS: Final = (
    Plant(
        "record_page_repeats",
        "Every page of records begins with the last one of the page before.",
        "server.services.records:_page",
        "table.c.id > part.after.id",
        "table.c.id >= part.after.id",
        ("integration/test_pages.py::test_pages_are_the_list_cut_in_pieces[sqlite-server.services.records-_customers]",),
    ),
    Plant(
        "record_page_ends",
        "Of more than one page of records only the first is listed.",
        "server.services.records:_page",
        ".limit(PAGE_ITEMS + 1)",
        ".limit(PAGE_ITEMS)",
        ("integration/test_pages.py::test_pages_are_the_list_cut_in_pieces[sqlite-server.services.records-_customers]",),
    ),
    Plant(
        "records_of_every_customer",
        "Records of one customer are asked for, and all are listed.",
        "server.services.records:listed",
        'wanted.customer_id is not None and entity.about not in (None, "id")',
        'wanted.customer_id is not None and "customer_id" not in entity.slots',
        ("integration/test_pages.py::test_records_of_one_customer_are_its_own",),
    ),
    Plant(
        "timeline_of_its_beginning",
        "The timeline keeps the oldest events when there are too many.",
        "server.services.records:timeline",
        "(-event.at_ms, -event.rev, event.id)",
        "(event.at_ms, -event.rev, event.id)",
        ("integration/test_pages.py::test_a_timeline_is_of_what_was_asked_for_and_keeps_the_newest",),
    ),
    Plant(
        "timeline_of_all",
        "The timeline of one customer shows all customers.",
        "server.services.records:Since.of",
        "[customer_id == self.customer_id] if self.customer_id is not None else []",
        "[]",
        ("integration/test_pages.py::test_a_timeline_is_of_what_was_asked_for_and_keeps_the_newest",),
    ),
    Plant(
        "timeline_without_a_moment",
        "The timeline shows moves of ownership from before the moment that was asked for.",
        "server.services.records:_moves_since",
        "table.c.at_ms >= since.at_ms, ",
        "",
        ("integration/test_pages.py::test_a_timeline_is_of_what_was_asked_for_and_keeps_the_newest",),
    ),
    Plant(
        "decision_unfed",
        "A decision at the desk enters no feed.",
        "server.store.write:save",
        "publish(conn, actor.org_id, state, now_ms)",
        "publish(conn, actor.org_id, state, now_ms) if actor.line_no else Published({}, {})",
        ("integration/test_quote_decisions.py::test_a_manager_decides_at_the_desk_and_the_phones_see_it",),
    ),
    Plant(
        "decision_untold",
        "The author of a quote does not hear of a decision at the desk.",
        "server.services.act:finished",
        "    tell(conn, acting, state, now_ms)\n",
        "",
        ("integration/test_quote_decisions.py::test_a_manager_decides_at_the_desk_and_the_phones_see_it",),
    ),
    Plant(
        "lines_in_any_order",
        "The lines of a quote are shown in the order of their ids.",
        "server.domain.quotes:shown",
        "key=lambda line: (line.position, line.id)",
        "key=lambda line: line.id",
        ("integration/test_quote_decisions.py::test_a_quote_is_shown_with_its_lines_in_order",),
    ),
    Plant(
        "pool_left_by_all",
        "Who was a member of a pool no longer in use loses sight of the customers left in it.",
        "server.services.tiles:of_member",
        "PLACES.is_open(place) or place.id in left",
        "PLACES.is_open(place)",
        ("integration/test_pool_desk.py::test_a_pool_no_longer_in_use_is_emptied_by_claims",),
    ),
)
PLANTS: Final = (*CATALOGUE, *RECORDS)
