"""The real application on one database, called in this process, request by request; its clock is the history's."""

import asyncio
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

from mobile_api.app import create_app
from mobile_api.codec import MSGPACK
from server import chance
from server.database import Unit, open_database
from server.domain import tokens
from server.domain.tokens import Claims, Signer
from server.settings import Settings
from tests.integration.site import SECRET
from tests.prove.fuzz_app import Reply, exchange
from tests.prove.fuzz_bodies import SYNC, Sent

P = ParamSpec("P")
R = TypeVar("R")


class Died(Exception):  # noqa: N818 - not an error: what the proof does to the server
    """The process ended before its commit."""


class App:
    """One application. `archive`: where a history puts its backup. Its jobs do not run by themselves: the history says when."""

    def __init__(self, url: str, archive: Path) -> None:
        self.url = url
        self.archive = archive
        self.signer = Signer(SECRET)
        self.now_ms = 0
        self._loop = asyncio.new_event_loop()
        self.open()

    def open(self) -> None:
        """Open the database; after a restore, again."""
        self.database = open_database(self.url)
        self._app = create_app(Settings(database_url=self.url), self.database, self.signer)

    def sync(self, raw: bytes, claims: Claims) -> Reply:
        """POST /v1/sync with a token of this line."""
        token, _ = tokens.sign(self.signer, claims, bytes(16), self.now_ms)
        return self.run(exchange(self._app, Sent(SYNC, raw, MSGPACK), token))

    def write(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """Run a service in a transaction."""
        return self.run(self.database.write(unit, *args, **kw))

    def read(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """Run a unit in a snapshot."""
        return self.run(self.database.read(unit, *args, **kw))

    def die(self, unit: Unit[P, Any], *args: P.args, **kw: P.kwargs) -> None:
        """Run a service, and end before its commit."""

        def dying(conn: sa.Connection) -> None:
            unit(conn, *args, **kw)
            raise Died

        try:
            self.write(dying)
        except Died:
            return
        raise AssertionError("a dead server has committed")

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """Wait for something on the application's own loop."""
        return self._loop.run_until_complete(work)

    def shut(self) -> None:
        """Let go of the database."""
        self.run(self.database.close())

    def close(self) -> None:
        """End."""
        self.shut()
        self._loop.close()


@contextmanager
def opened(url: str) -> Iterator[App]:
    """An application on a migrated database, whose clock stands where the history's does."""
    honest = chance.now_ms
    with tempfile.TemporaryDirectory(prefix="outrider_stack_backup_") as folder:
        app = App(url, Path(folder) / "backup")
        chance.now_ms = lambda: app.now_ms
        try:
            yield app
        finally:
            chance.now_ms = honest
            app.close()
