"""Who may read `/metrics`: this machine, and the addresses that the operator named; by the address that a trusted proxy tells, too."""

import httpx
import pytest

from mobile_api.app import create_app
from server.database import open_database
from server.domain.tokens import Signer
from server.settings import Settings
from tests.integration.loopback import NO_TLS, served


@pytest.mark.parametrize(
    ("host", "named", "status"),
    [
        ("127.0.0.1", (), 200),
        ("::1", (), 200),
        ("::ffff:127.0.0.1", (), 200),
        ("192.168.1.9", (), 404),
        ("", (), 404),
        ("192.168.1.9", ("192.168.1.0/24",), 200),
        ("192.168.2.9", ("192.168.1.0/24",), 404),
        ("127.0.0.1", ("192.168.1.0/24",), 200),
    ],
)
async def test_this_machine_and_the_named_read_them(migrated_sqlite_url: str, host: str, named: tuple[str, ...], status: int) -> None:
    app = create_app(Settings(metrics_readers=named), open_database(migrated_sqlite_url), Signer(bytes(32)))
    transport = httpx.ASGITransport(app, client=(host, 4711))  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://local") as client:
        assert (await client.get("/metrics")).status_code == status


def test_who_comes_through_a_trusted_proxy_is_not_this_machine(migrated_sqlite_url: str) -> None:
    settings = Settings(trusted_proxies=("127.0.0.1",), metrics_readers=("192.0.2.7",))
    app = create_app(settings, open_database(migrated_sqlite_url), Signer(bytes(32)))
    with served(app) as (host, port), httpx.Client(base_url=f"http://{host}:{port}", verify=NO_TLS) as client:
        told = {one: client.get("/metrics", headers={"x-forwarded-for": one}).status_code for one in ("192.0.2.1", "192.0.2.7")}
    assert told == {"192.0.2.1": 404, "192.0.2.7": 200}
