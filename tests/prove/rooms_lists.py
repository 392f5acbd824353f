"""Planted bugs of what the desk keeps and of what REST shows: the catalogue, pools, imports, quotes, lists and timelines."""

from typing import Final

from tests.prove.planting import Plant

CATALOGUE: Final = (
    Plant(
        "catalogue_page_ends",
        "Of more than one page of the catalogue only the first is listed.",
        "server.services.catalogue:_page",
        "reference.page(conn, org_id, type_, after, PAGE_ITEMS + 1)",
        "reference.page(conn, org_id, type_, after, PAGE_ITEMS)",
        ("integration/test_pages.py::test_pages_are_the_list_cut_in_pieces[sqlite-server.services.catalogue-_products]",),
    ),
    Plant(
        "manager_makes_pools",
        "A manager makes pools and says what their cards hide.",
        "server.services.pools:save",
        "acting = actors.admin(conn, claims, now_ms)",
        "acting = actors.leader(conn, claims, now_ms)",
        ("integration/test_desk_moves.py::test_a_manager_has_no_say_over_pools_and_users_of_others",),
    ),
    Plant(
        "import_for_who_left",
        "Customers are imported for an owner who is no longer active.",
        "server.services.import_customers:",
        ', when="active")',
        ")",
        ("integration/test_import_owners.py::test_an_import_is_the_admins_and_for_active_users_of_his_organisation",),
    ),
    Plant(
        "imported_again",
        "An import that is repeated takes the customers a second time.",
        "server.services.import_customers:import_customers",
        "if known.standing(one.customer.id) is None]",
        "]",
        ("integration/test_day_import.py::test_customers_are_imported",),
    ),
    Plant(
        "imported_nowhere",
        "An imported customer has no WGS-84 position.",
        "server.services.import_customers:_take",
        "customer = customers.placed(one.customer)",
        "customer = one.customer",
        ("integration/test_day_import.py::test_customers_are_imported",),
    ),
    Plant(
        "manager_imports",
        "Managers import customers.",
        "server.services.import_customers:import_customers",
        "acting = actors.admin(conn, claims, now_ms)",
        "acting = actors.leader(conn, claims, now_ms)",
        ("integration/test_import_owners.py::test_an_import_is_the_admins_and_for_active_users_of_his_organisation",),
    ),
    Plant(
        "import_unfed",
        "What is imported enters no feed.",
        "server.services.import_customers:import_customers",
        "    publish(conn, acting.org_id, state, now_ms)\n",
        "",
        ("integration/test_day_import.py::test_customers_are_imported",),
    ),
)
RECORDS: Final = (
    Plant(
        "record_page_repeats",
        "Every page of records begins with the last one of the page before.",
        "server.services.records:listed",
        "table.c.id > wanted.after",
        "table.c.id >= wanted.after",
        ("integration/test_pages.py::test_pages_are_the_list_cut_in_pieces[sqlite-server.services.records-_customers]",),
    ),
    Plant(
        "record_page_ends",
        "Of more than one page of records only the first is listed.",
        "server.services.records:listed",
        "_select(conn, acting, entity, where, PAGE_ITEMS + 1)",
        "_select(conn, acting, entity, where, PAGE_ITEMS)",
        ("integration/test_pages.py::test_pages_are_the_list_cut_in_pieces[sqlite-server.services.records-_customers]",),
    ),
    Plant(
        "records_of_every_customer",
        "Records of one customer are asked for, and all are listed.",
        "server.services.records:listed",
        'if wanted.customer_id is not None and "customer_id" in entity.slots:',
        'if wanted.customer_id is not None and "customer_id" not in entity.slots:',
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
        "server.services.quotes:decide",
        "    publish(conn, acting.org_id, state, now_ms)\n",
        "",
        ("integration/test_quote_decisions.py::test_a_manager_decides_at_the_desk_and_the_phones_see_it",),
    ),
    Plant(
        "decision_untold",
        "The author of a quote does not hear of a decision at the desk.",
        "server.services.quotes:decide",
        "    tell(conn, acting, state, now_ms)\n",
        "",
        ("integration/test_quote_decisions.py::test_a_manager_decides_at_the_desk_and_the_phones_see_it",),
    ),
    Plant(
        "pool_left_by_all",
        "Who was a member of a pool no longer in use loses sight of the customers left in it.",
        "server.services.pools:of_member",
        "(pool.active or pool.id in left)",
        "pool.active",
        ("integration/test_pool_desk.py::test_a_pool_no_longer_in_use_is_emptied_by_claims",),
    ),
)
PLANTS: Final = (*CATALOGUE, *RECORDS)
