"""Every route × every role: the matrix alone says who is heard (D-491), and its table in the documents says the same."""

import copy
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from bench.postgres import Lender
from mobile_api.routes import HANDLERS
from server import chance
from server.domain.imports.kinds import BY_NAME
from server.domain.matrix import MATRIX
from shared_schema.records.reference import Role
from sync.rules import Reach
from tests.integration.fortress import Fortress, bearer
from tests.integration.site import site

DOMAIN: Final = (Path(__file__).parents[2] / "docs" / "domain.md").read_text("utf-8")
OF_THE_DEVICE: Final = {
    "POST /v1/sync", "GET /v1/wake", "POST /v1/device/fork", "PUT /v1/device/push-target", "DELETE /v1/device/push-target",
    "GET /v1/device/push-key", "GET /v1/records/{entity}", "GET /v1/records/{entity}/{record_id}", "GET /v1/inbox", "GET /v1/nearby",
    "GET /v1/records/{entity}/{record_id}/history",
}  # fmt: skip
"""Signed routes of a device in its user's hand: they show what the user holds, and no role opens or closes them."""
KIND: Final = "/v1/desk/imports/{kind}"
ROLES: Final = [role for role in Role if role not in {Role.unknown, Role.service}]
WORDS: Final = {"own": Reach.own, "department": Reach.department, "organisation": Reach.organisation}


def served() -> set[str]:
    """Every signed route, imports by the kinds of file."""
    found: set[str] = set()
    for handler in HANDLERS:
        contract = handler.opt.get("contract")
        if contract is None or not contract.signed:
            continue
        for path in handler.paths:
            plain = re.sub(r":\w+}", "}", path)
            for method in handler.http_methods - {"HEAD", "OPTIONS"}:
                found |= {f"POST {KIND.format(kind=kind)}" for kind in BY_NAME} if plain.startswith(KIND) else {f"{method} {plain}"}
    return found


def test_each_route_has_its_row_and_each_row_a_route() -> None:
    """D-491: a route that is added without a row makes this red; so does a row that nothing asks."""
    assert served() - OF_THE_DEVICE == set(MATRIX)


def test_the_documents_say_what_the_matrix_says() -> None:
    """D-491: the table under Roles, row by row."""
    told: dict[str, tuple[dict[str, Reach], bool]] = {}
    names = [role.name for role in ROLES]
    for line in DOMAIN.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if line.startswith("| `") and len(cells) == len(names) + 2:
            reaches = {name: WORDS[cell] for name, cell in zip(names, cells[1:-1], strict=True) if cell in WORDS}
            told |= dict.fromkeys(re.findall(r"`([A-Z]+ /[^`]+)`", cells[0]), (reaches, cells[-1] == "yes"))
    assert told == {route: ({role.name: reach for role, reach in row.reaches.items()}, row.service) for route, row in MATRIX.items()}


@pytest.fixture(scope="module")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Fortress:
    """The victim's house, with a user of each role in it."""
    with site(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('matrix') / 'outrider.db')}") as here:
        return staffed(Fortress(here))


@pytest.fixture(scope="module")
def built_on_postgres(postgres_lender: Lender, postgres_template: str) -> Fortress:
    """The same in a database."""
    with site(postgres_lender.create(postgres_template)) as here:
        return staffed(Fortress(here))


def staffed(fort: Fortress) -> Fortress:
    for role in ROLES:
        fort.here.user(fort.boss, f"one {role.name}".replace(" ", "_"), role, department_id=fort.ids["department"])
        who = fort.people[role.name] = fort.here.caller("alpha", f"one_{role.name}")
        assert who.log_in().status_code == 200
    return fort


@pytest.fixture
def fort(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Fortress]:
    lite = database_url.startswith("sqlite")
    made: Fortress = request.getfixturevalue("built" if lite else "built_on_postgres")
    if lite:
        url = f"sqlite:///{shutil.copy(str(sa.make_url(made.here.url).database), tmp_path / 'outrider.db')}"
    else:
        url = request.getfixturevalue("postgres_lender").create(made.here.url)
    with site(url, made.here.founded) as here:
        yield copy.deepcopy(made, {id(made.here): here})
    if not lite:
        request.getfixturevalue("postgres_lender").drop(url)


def asked_of(fort: Fortress, route: str) -> list[tuple[str, str, Any]]:
    """Requests of one row, in order but for whose the records are."""
    method, path = route.split(" ")
    if path.startswith("/v1/desk/imports/"):
        return [(method, path, {"rows": []}), ("GET", f"{path}/template", None)]
    return [(method, url, body) for url, body in fort.asks(method, path)]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_role_is_heard_where_the_matrix_says_so_and_nowhere_else(fort: Fortress, role: Role) -> None:
    """D-491: by the words of the refusal, for whose a record is (`forbidden` too, at times) is another question."""
    wrong = []
    headers = bearer(fort.people[role.name].session["access_token"])
    for route, row in MATRIX.items():
        for method, url, body in asked_of(fort, route):
            told = fort.here.http.request(method, url, json=body, headers=headers)
            refused = told.status_code == 403 and told.json()["detail"].startswith("this needs the role")
            if refused is (role in row.roles) or told.status_code >= 500:
                wrong.append((method, url, told.status_code, told.text[:200]))
    assert wrong == []


def test_a_service_account_is_heard_in_its_scope_and_nowhere_else(fort: Fortress) -> None:
    """D-495: with everything in its scope that may stand there; a device's routes know no service account."""
    scope = sorted(route for route, row in MATRIX.items() if row.service)
    made = fort.boss.post("/v1/desk/service-accounts", {"name": "ERP", "scope": scope, "ends_day": chance.now_ms() // 86_400_000 + 1})
    assert made.status_code == 200, made.text
    headers = bearer(fort.boss.post(f"/v1/desk/service-accounts/{made.json()['id']}/keys", {}).json()["key"])
    wrong = []
    for route in sorted(served() | OF_THE_DEVICE):
        if KIND in route:
            continue
        for method, url, body in asked_of(fort, route):
            told = fort.here.http.request(method, url, json=body, headers=headers)
            no_scope = told.status_code == 403 and "the scope of this service account" in told.text
            refused = told.status_code in {401, 403, 415} if route in OF_THE_DEVICE else no_scope
            if refused is (route in scope) or told.status_code >= 500:
                wrong.append((method, url, told.status_code, told.text[:200]))
    assert wrong == []
