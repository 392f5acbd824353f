"""What all tests share: the choice of databases, an empty one of each kind, and a price of passwords that tests can pay."""

import gc
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bench.postgres import Lender, PostgresMissingError, blocking, drop_run, run_name
from server.database import Database, open_database
from server.domain import passwords
from server.store import schema
from tests import memory
from tests.lent_again import LentAgain

KINDS = {"sqlite": ("sqlite",), "postgres": ("postgres",), "both": ("sqlite", "postgres")}
RUN = pytest.StashKey[str]()
TRUE_HASHER = passwords._HASHER


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "databases the tests run on; tests that need another one are deselected"
    parser.addoption("--databases", choices=tuple(KINDS), default="both", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Give the run its name: the main process makes it, workers are told. And a quick place for its files."""
    # Started in the background a shell has us, and whoever we start, ignore Ctrl-C, which some tests send: they would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    memory.settle()
    told: dict[str, str] = getattr(config, "workerinput", {})
    config.stash[RUN] = told.get("outrider_run") or run_name(os.getpid())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell an xdist worker the name of the run."""
    node.workerinput["outrider_run"] = node.config.stash[RUN]  # type: ignore[attr-defined]  # xdist has no types


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the main process, which outlives its workers, drop whatever they left."""
    if RUN in config.stash and not hasattr(config, "workerinput") and "postgres" in _kinds(config):
        drop_run(config.stash[RUN])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for `database_url` or `migrated_url` once per chosen database."""
    for name in ("database_url", "migrated_url"):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, _kinds(metafunc.config), indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests written for one database alone when it was not chosen."""
    left_out = {f"{kind}_url" for kind in KINDS["both"] if kind not in _kinds(config)}
    if "postgres_url" in left_out:
        left_out.add("postgres_lender")
    gone = [item for item in items if left_out & set(getattr(item, "fixturenames", ()))]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


def pytest_collection_finish() -> None:
    """Calm the collector as `outrider serve` does: what was loaded and collected by now stays for good, and need not be looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _kinds(config: pytest.Config) -> tuple[str, ...]:
    return KINDS[config.getoption("--databases")]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio alone: the drivers know nothing else."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash new passwords in a blink: people are made and sign in thousands of times. A test of the true price asks for `true_passwords`."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, salt_len=passwords.SALT_BYTES))
        yield


@pytest.fixture
def true_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash new passwords as the server does."""
    monkeypatch.setattr(passwords, "_HASHER", TRUE_HASHER)


@pytest.fixture(scope="session")
def postgres_lender(request: pytest.FixtureRequest) -> Iterator[Lender]:
    """Lend databases on this worker's PostgreSQL; `create(template)` copies a migrated one."""
    worker: str = getattr(request.config, "workerinput", {}).get("workerid", "main")
    failure, lender = "", None
    try:
        lender = Lender.open(request.config.stash[RUN], worker)
    except PostgresMissingError as error:
        failure = str(error)
    if lender is None:
        pytest.fail(failure, pytrace=False)
    yield lender
    lender.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/outrider.db"


@pytest.fixture
def postgres_url(postgres_lender: Lender) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database owned by a plain role; dropped afterwards."""
    url = postgres_lender.create()
    yield url
    postgres_lender.drop(url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty database of each chosen kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file per worker; the tests copy it."""
    path = tmp_path_factory.mktemp("template") / "outrider.db"
    blocking(schema.migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_lender: Lender) -> str:
    """Migrate one PostgreSQL database per worker; the tests copy it."""
    url = postgres_lender.create()
    blocking(schema.migrate(url))
    return url


@pytest.fixture
def migrated_sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the URL of a migrated SQLite file without rows."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'outrider.db')}"


@pytest.fixture(scope="session")
def postgres_again(postgres_lender: Lender, postgres_template: str) -> LentAgain:
    """Lend each worker's tests one migrated database after another that was emptied."""
    return LentAgain(postgres_lender, postgres_template)


@pytest.fixture
def migrated_postgres_url(postgres_again: LentAgain) -> Iterator[str]:
    """Give the URL of a migrated PostgreSQL database without rows; emptied afterwards for the next test, or dropped."""
    url = postgres_again.lend()
    yield url
    postgres_again.take_back(url)


@pytest.fixture
def migrated_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a migrated database without rows of each chosen kind in turn."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """Open a migrated database without rows of each chosen kind in turn."""
    opened = open_database(migrated_url)
    yield opened
    await opened.close()
