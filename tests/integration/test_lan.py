"""Real phones of the network come in by HTTPS: who trusts the machine's authority, and nobody else (`outrider demo --lan`)."""

import gc
import http.client
import socket
import ssl
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509

from mobile_api.phone.day import demo, network
from mobile_api.phone.day.authority import authority, for_address
from mobile_api.phone.day.door import CertificateShop, Door
from mobile_api.phone.day.handset import DayFailedError
from mobile_api.phone.day.house import Port
from mobile_api.phone.day.people import MANAGER, ORGANISATION, TRIED
from mobile_api.phone.day.words import Words
from tests.integration.site import site

HERE = IPv4Address("127.0.0.1")
NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "authority"


def trusting(certificate: bytes) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificate.decode())


def asked(port: int, context: ssl.SSLContext, path: str = "/health", body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection(str(HERE), port, timeout=10, context=context)
    try:
        connection.request("GET" if body is None else "POST", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def free() -> int:
    port = Port(18_443)
    port.release()
    return port.number


def test_a_phone_that_trusts_the_authority_comes_in(migrated_sqlite_url: str, folder: Path) -> None:
    with (
        site(migrated_sqlite_url) as here,
        Door(str(HERE), free(), here.http.base_url.port or 0, for_address(folder, HERE, datetime.now(UTC))) as door,
    ):
        context = trusting(authority(folder, datetime.now(UTC)))
        assert asked(door.port, context)[0] == 200
        status, told = asked(door.port, context, "/v1/login", b"{}")
        assert (status, b"field_wrong" in told) == (422, True)
        assert len(asked(door.port, context, "/schema/openapi.json")[1]) > 100_000, "a long answer comes whole"
        with pytest.raises(ssl.SSLCertVerificationError):
            asked(door.port, ssl.create_default_context())


@pytest.mark.parametrize("closed", [False, True])
def test_the_door_ends_with_its_connections(migrated_sqlite_url: str, folder: Path, closed: bool) -> None:
    with (
        site(migrated_sqlite_url) as here,
        Door(str(HERE), free(), here.http.base_url.port or 0, for_address(folder, HERE, datetime.now(UTC))) as door,
    ):
        context = trusting(authority(folder, datetime.now(UTC)))
        phone = context.wrap_socket(socket.create_connection((str(HERE), door.port)), server_hostname=str(HERE))
        phone.sendall(b"GET /health HTTP/1.1\r\nHost: outrider\r\n\r\n")
        assert phone.recv(8) == b"HTTP/1.1"
        if closed:
            phone.close()
    gc.collect()
    phone.close()


def test_the_network_sees_no_numbers_of_the_demo_s_server(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the server everybody behind the door is this machine, which may read them."""
    monkeypatch.chdir(tmp_path)
    where = demo.place({})
    demo.prepare(where)
    with (
        demo.serving(where, lan=True) as house,
        Door(str(HERE), free(), house.port, for_address(folder, HERE, datetime.now(UTC))) as door,
    ):
        context = trusting(authority(folder, datetime.now(UTC)))
        found = {path: asked(door.port, context, path) for path in ("/metrics", "/", "/app/", "/desk/", "/health")}
    assert {path: status for path, (status, _) in found.items()} == {"/metrics": 404, "/": 200, "/app/": 200, "/desk/": 200, "/health": 200}
    assert "这是演示服务器" in found["/"][1].decode()


def test_the_certificate_is_to_be_had_and_nothing_else(folder: Path) -> None:
    certificate = authority(folder, NOW)
    port = free()
    with CertificateShop(str(HERE), port, certificate) as shop:
        assert shop.url == f"http://{HERE}:{port}/outrider.crt"
        for path, status in (("/outrider.crt", 200), ("/authority.key", 404), ("/", 404), ("/../authority.key", 404)):
            connection = http.client.HTTPConnection(str(HERE), port, timeout=10)
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.status == status, path
            if status == 200:
                assert (answer.getheader("Content-Type"), answer.read()) == ("application/x-x509-ca-cert", certificate)
            connection.close()


def test_the_files_are_their_owners_and_the_authority_stays(folder: Path) -> None:
    first = authority(folder, NOW)
    one, other = for_address(folder, HERE, NOW).read_bytes(), for_address(folder, HERE, NOW).read_bytes()
    assert one != other
    assert authority(folder, NOW + timedelta(days=365)) == first
    assert authority(folder, NOW + timedelta(days=365 * 4)) != first, "before it ends a new one is made"
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    leaf = x509.load_pem_x509_certificate(other[other.index(b"-----BEGIN CERT") :])
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days <= 398


def test_the_authority_speaks_for_private_addresses_alone(folder: Path) -> None:
    """A thief of its key cannot pose as a site of the internet: OpenSSL refuses an address that it may not name."""
    server = for_address(folder, IPv4Address("93.184.216.34"), datetime.now(UTC))
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    listener = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    listener.load_cert_chain(server)
    theirs = listener.wrap_bio(inside, outside, server_side=True)
    context = trusting(authority(folder, datetime.now(UTC)))
    ours = context.wrap_bio(outside, inside, server_hostname="93.184.216.34")
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shake_hands(ours, theirs)


def shake_hands(*sides: ssl.SSLObject) -> None:
    for side in sides * 4:
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_steps_name_both_addresses(language: str) -> None:
    told = network.steps(Words(language), "http://192.168.1.20:8444/outrider.crt", "https://192.168.1.20:8443")
    assert all(
        part in told
        for part in (
            *("http://192.168.1.20:8444/outrider.crt", "https://192.168.1.20:8443/app/", "https://192.168.1.20:8443/desk/"),
            *(f" {ORGANISATION}", f" {TRIED}", f" {MANAGER.login}"),
        )
    )
    assert sum(set(line) <= set(" ▀▄█") and len(line) > 20 for line in network.square("x" * 40).splitlines()) > 10


def test_an_address_that_is_none_is_told() -> None:
    assert network.address_of("192.168.1.20") == IPv4Address("192.168.1.20")
    with pytest.raises(DayFailedError, match="no IPv4 address"):
        network.address_of("phone")
    with pytest.raises(DayFailedError, match="not for the internet"):
        network.address_of("93.184.216.34")
