"""Planted bugs of who may ask what at the desk, and how far: the matrix, its reach, imports of a department, the search."""

from typing import Final

from tests.prove.planting import Plant

SERVICES: Final = "integration/test_service_accounts.py"
ROLES: Final = "integration/test_roles.py"
PLANTS: Final = (
    Plant(
        "assistant_without_bounds",
        "An assistant sees the customers of the whole organisation.",
        "server.domain.matrix:",
        "READER: Final = to(manager=DEPARTMENT, assistant=DEPARTMENT,",
        "READER: Final = to(manager=DEPARTMENT, assistant=ORGANISATION,",
        (f"{ROLES}::test_a_list_shows_what_the_role_reaches_and_finds_a_text_in_it[sqlite]",),
    ),
    Plant(
        "own_department_alone",
        "An assistant does not reach the departments below the own one.",
        "server.services.actors:reaching",
        "subtree(identity.departments(conn, alone.org_id), alone.department_id)",
        "frozenset({alone.department_id})",
        (f"{ROLES}::test_a_list_shows_what_the_role_reaches_and_finds_a_text_in_it[sqlite]",),
    ),
    Plant(
        "import_beyond_the_department",
        "Who imports for a department changes customers of another one that are known.",
        "server.domain.imports.customers:plan",
        '        require_within(asking, asking.state.standing(record_id), "external_id")\n',
        "",
        (f"{ROLES}::test_a_department_imports_its_own_customers_alone[sqlite]",),
    ),
    Plant(
        "search_by_signs",
        "A sign of the database in a search stands for any letter.",
        "server.services.records:_fits",
        ", autoescape=True",
        "",
        (f"{ROLES}::test_a_list_shows_what_the_role_reaches_and_finds_a_text_in_it[sqlite]",),
    ),
    Plant(
        "scope_opens_all",
        "A key opens every request that some service account may make, whatever its scope.",
        "server.services.actors:_of_service",
        ' or route not in found.scope.split("\\n")',
        "",
        (f"{SERVICES}::test_a_key_opens_what_is_in_the_scope_and_nothing_else[sqlite]",),
    ),
    Plant(
        "ended_account_opens",
        "A key outlives its account.",
        "server.services.actors:_of_service",
        "min(found.until_ms, found.ends_ms) <= now_ms",
        "found.until_ms <= now_ms",
        (f"{SERVICES}::test_an_account_ends_and_its_keys_with_it[sqlite]",),
    ),
    Plant(
        "new_key_ends_none",
        "Keys of before open as long as the account does, whatever the admin says.",
        "server.services.service_accounts:new_key",
        "    _end_keys(conn, org_id, user_id, now_ms + asked.overlap_hours * HOUR_MS)\n",
        "",
        (f"{SERVICES}::test_a_key_is_changed_while_both_open[sqlite]",),
    ),
    Plant(
        "key_stays_behind",
        "A key ends with the day that its account had at first.",
        "server.services.service_accounts:_go_on",
        "if row.until_ms == from_ms:",
        "if row.until_ms < from_ms:",
        (f"{SERVICES}::test_an_account_ends_and_its_keys_with_it[sqlite]",),
    ),
    Plant(
        "user_takes_the_place",
        "A user is made of a service account, with a password.",
        "server.services.users:_judge",
        "or (standing is not None and standing.role is Role.service)",
        "",
        (f"{SERVICES}::test_only_an_admin_of_the_organisation_makes_keys_and_no_password_signs_one_in[sqlite]",),
    ),
)
