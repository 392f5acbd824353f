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
)
PLANTS: Final = (*CATALOGUE, *RECORDS)
