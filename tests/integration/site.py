"""Two organisations behind a real server on loopback, and people who call it over HTTP."""

import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from bench.postgres import blocking
from mobile_api.app import create_app
from server import chance
from server.database import Database, Unit, open_database
from server.domain import passwords, tokens
from server.domain.tokens import Claims, Signer
from server.services import organisations
from server.services.organisations import Founded, NewOrganisation
from server.settings import Settings
from shared_schema.records.reference import Role
from tests.integration.loopback import NO_TLS, served

T = TypeVar("T")
PASSWORD = "correct horse battery"
SECRET = bytes(range(32))


class Caller:
    """One person on one phone."""

    def __init__(self, site: "Site", organisation: str, account: str) -> None:
        self.site = site
        self.organisation = organisation
        self.account = account
        self.installation_id = str(uuid.uuid4())
        self.session: dict[str, Any] = {}

    def log_in(self, password: str = PASSWORD) -> httpx.Response:
        """Sign in by password; keeps the session if there is one."""
        body = {"organisation": self.organisation, "account": self.account, "password": password}
        return self._begin("/v1/login", body | {"installation_id": self.installation_id, "device_name": "phone", "app": "test"})

    def enrol(self, code: str, new_password: str | None = None) -> httpx.Response:
        """Sign in by a one-time code; keeps the session if there is one."""
        body = {"organisation": self.organisation, "code": code, "installation_id": self.installation_id}
        return self._begin("/v1/enrol", body | ({"new_password": new_password} if new_password else {}))

    def _begin(self, path: str, body: dict[str, Any]) -> httpx.Response:
        answer = self.site.http.post(path, json=body)
        if answer.status_code == 200:
            self.session = answer.json()
        return answer

    def refresh(self, token: str | None = None) -> httpx.Response:
        """Exchange a refresh token without keeping the answer."""
        return self.site.http.post("/v1/refresh", json={"refresh_token": token or self.session["refresh_token"]})

    def get(self, path: str) -> httpx.Response:
        return self.site.http.get(path, headers=self._headers())

    def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return self.site.http.post(path, json=body, headers=self._headers())

    @property
    def claims(self) -> Claims:
        """What the access token of this person proves to the services."""
        return tokens.read(Signer(SECRET), self.session["access_token"], chance.now_ms())

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.session['access_token']}"} if self.session else {}


class Site:
    """A served application with the organisations `alpha` and `beta`, each with an admin whose account is `boss`."""

    def __init__(self, url: str, http: httpx.Client, founded: dict[str, Founded]) -> None:
        self.url = url
        self.http = http
        self.founded = founded

    def caller(self, organisation: str = "alpha", account: str = "boss") -> Caller:
        """Somebody on a new phone, not signed in."""
        return Caller(self, organisation, account)

    def admin(self, organisation: str = "alpha") -> Caller:
        """The admin of an organisation, signed in."""
        boss = self.caller(organisation)
        assert boss.log_in().status_code == 200
        return boss

    def user(self, boss: Caller, login: str, role: Role = Role.rep, **more: Any) -> str:
        """Make a user with the usual password; returns his id."""
        body = {"login": login, "name": login.title(), "role": int(role), "password": PASSWORD} | more
        answer = boss.post("/v1/desk/users", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def write(self, unit: Unit[..., T], *arguments: Any) -> T:
        """Run a service beside the server."""
        return beside(self.url, lambda database: database.write(unit, *arguments))


def beside(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run work on a database door of its own, and on a loop of its own: Playwright keeps one running in the thread of its tests."""

    async def run() -> T:
        database = open_database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return blocking(run())


async def found(database: Database, **options: Any) -> dict[str, Founded]:
    """Make both organisations."""
    password_hash = passwords.hashed(PASSWORD, chance.secret(16))
    made = {}
    for login in ("alpha", "beta"):
        asked = NewOrganisation(login=login, name=f"{login} canary", account="boss", **options)
        made[login] = await database.write(organisations.create, asked, password_hash, chance.now_ms())
    return made


@contextmanager
def site(url: str, founded: dict[str, Founded] | None = None, **options: Any) -> Iterator[Site]:
    """Serve a migrated database with both organisations in it; `founded`: they are there already, in a copy of where they were made."""
    founded = founded or beside(url, lambda database: found(database, **options))
    app = create_app(Settings(database_url=url), open_database(url), Signer(SECRET))
    with served(app) as (host, port), httpx.Client(base_url=f"http://{host}:{port}", timeout=20, verify=NO_TLS) as http:
        yield Site(url, http, founded)


def code(answer: httpx.Response) -> str:
    """The problem code of an answer, or its status."""
    found_code = answer.json().get("code") if answer.headers["content-type"].startswith("application/problem+json") else None
    return str(found_code or answer.status_code)
