"""Planted bugs of who may ask what at the desk, and how far: the matrix, its reach, imports of a department, the search."""

from typing import Final

from tests.prove.planting import Plant

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
)
