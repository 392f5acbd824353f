"""docs/client.py, the client written from docs/protocol.md alone, against a real server: it loses nothing and ends in step."""

import ast
import importlib.util
import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from server import chance
from server.domain import tokens
from server.domain.tokens import Claims, Signer
from shared_schema import twin
from tests.contract.documents import DOCS
from tests.integration.site import PASSWORD, SECRET, Site, site

SOURCE: Final = DOCS / "client.py"
NO_ANSWER: Final = (OSError, HTTPException, ValueError)


def loaded() -> ModuleType:
    """The client, which lies beside the page and in no package."""
    spec = importlib.util.spec_from_file_location("outrider_docs_client", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CLIENT: Final = loaded()


class Line:
    """A relay before the server that keeps the bodies of requests. `cut_after`: bytes of the next answer that still come through."""

    def __init__(self, host: str, port: int) -> None:
        self.server = (host, port)
        self.requests: list[bytes] = []
        self.cut_after: int | None = None
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, name="line")
        self.thread.start()

    def close(self) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join()

    def _serve(self) -> None:
        while True:
            try:
                phone, _ = self.listening.accept()
            except OSError:
                return
            with phone, socket.create_connection(self.server) as server:
                self._exchange(phone, server)

    def _exchange(self, phone: socket.socket, server: socket.socket) -> None:
        """One request and its answer: the client of the page asks each on a connection of its own."""
        head, _, body = _received(phone, b"\r\n\r\n").partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        while len(body) < length:
            body += phone.recv(65_536)
        self.requests.append(body)
        server.sendall(head + b"\r\n\r\n" + body)
        answer = b""
        while chunk := server.recv(65_536):
            answer += chunk
        cut_after, self.cut_after = self.cut_after, None  # before the test hears the answer, and asks for the next cut
        phone.sendall(answer[:cut_after])


def _received(connection: socket.socket, until: bytes) -> bytes:
    got = b""
    while until not in got:
        got += connection.recv(65_536)
    return got


@contextmanager
def line_to(here: Site) -> Iterator[Line]:
    url = here.http.base_url
    line = Line(url.host, url.port or 80)
    try:
        yield line
    finally:
        line.close()


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as served:
        served.user(served.admin(), "ann")
        yield served


def signed_in(here: Site, file: Path, url: str = "") -> Any:
    client = CLIENT.Client(url or str(here.http.base_url).rstrip("/"), file)
    client.log_in("alpha", "ann", PASSWORD)
    return client


def sent(body: bytes) -> Any:
    return json.loads(body)["mutations"]


def test_it_is_short_and_asks_for_nothing_but_python() -> None:
    text = SOURCE.read_text("utf-8")
    assert text.count("\n") <= 150
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    named = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports}
    assert {str(name).partition(".")[0] for name in named} <= sys.stdlib_module_names


def test_it_logs_in_pushes_and_pulls(here: Site, tmp_path: Path) -> None:
    """P-001, P-202, P-301, P-606, P-331: what one device entered offline another one has, and both show the same."""
    phone, tablet = signed_in(here, tmp_path / "phone.json"), signed_in(here, tmp_path / "tablet.json")
    shop = phone.create(name="Corner Shop 街角小店", phone="021-5550100")
    phone.change(shop, city="Shanghai")
    patch = phone.state["queue"][1]["mutation"]
    assert (patch["body"], patch["bases"]) == ({"address": "", "city": "Shanghai"}, {"address": 0})
    drawn = phone.screen(shop)
    assert [drawn[slot] for slot in ("rev", "name", "phone", "city", "address")] == [
        0,
        "Corner Shop 街角小店",
        "021-5550100",
        "Shanghai",
        "",
    ]
    phone.sync()
    tablet.sync()
    assert tablet.screen(shop) == phone.screen(shop) == phone.rows(CLIENT.CUSTOMER)[shop]
    assert (tablet.screen(shop)["city"], tablet.screen(shop)["rev"]) == ("Shanghai", 2)
    assert not phone.cards() + tablet.cards()


def test_it_decides_a_conflict_as_use_mine(here: Site, tmp_path: Path) -> None:
    """P-401, P-503, P-506."""
    phone, tablet = signed_in(here, tmp_path / "phone.json"), signed_in(here, tmp_path / "tablet.json")
    shop = phone.create(name="Corner Shop", phone="021-5550100")
    phone.sync()
    tablet.sync()
    phone.change(shop, phone="021-5550199")
    tablet.change(shop, phone="021-5550123", note="ring twice")
    phone.sync()
    tablet.sync()
    (card,) = tablet.cards()
    (member,) = card["members"]
    assert [member[which]["phone"] for which in ("before", "mine", "theirs")] == ["021-5550100", "021-5550123", "021-5550199"]
    assert (tablet.screen(shop)["phone"], tablet.screen(shop)["note"]) == ("021-5550199", "ring twice")
    tablet.use_mine(card)
    assert tablet.screen(shop)["phone"] == "021-5550123"
    tablet.sync()
    phone.sync()
    assert not tablet.cards()
    assert phone.screen(shop) == tablet.screen(shop)
    assert phone.screen(shop)["phone"] == "021-5550123"


def test_it_survives_a_lost_answer(here: Site, tmp_path: Path) -> None:
    """P-311, P-604: the connection is cut before, in the head and in the body of an answer; the same entries go again and count once."""
    with line_to(here) as line:
        phone = signed_in(here, tmp_path / "phone.json", line.url)
        phone.sync()
        for cut_after in (0, 40, 400):
            shop = phone.create(name=f"Cut after {cut_after}")
            cursor, asked = phone.state["cursor"], len(line.requests)
            line.cut_after = cut_after
            with pytest.raises(NO_ANSWER):
                phone.sync()
            assert phone.state["cursor"] == cursor
            phone = CLIENT.Client(line.url, tmp_path / "phone.json")  # the app was killed, too
            phone.change(shop, note="the second entry")
            phone.sync()
            first, again = (sent(body) for body in line.requests[asked : asked + 2])
            assert (len(first), again[:1], len(again)) == (1, first, 2)
    tablet = signed_in(here, tmp_path / "tablet.json")
    tablet.sync()
    assert tablet.rows(CLIENT.CUSTOMER) == phone.rows(CLIENT.CUSTOMER)
    assert [one["note"] for one in tablet.rows(CLIENT.CUSTOMER).values()] == ["the second entry"] * 3
    assert not tablet.cards()


def test_it_survives_a_lost_answer_of_a_refresh(here: Site, tmp_path: Path) -> None:
    """P-005, P-006: an expired token is refreshed with the same refresh token until an answer comes; then the entries go."""
    with line_to(here) as line:
        phone = signed_in(here, tmp_path / "phone.json", line.url)
        shop = phone.create(name="Corner Shop")
        session = phone.state["session"]
        user_id = twin.id_bytes(session["user_id"])
        assert user_id is not None
        claims = Claims(here.founded["alpha"].org_id, user_id, session["line_no"])
        long_ago_ms = chance.now_ms() - 3_600_000
        old = session | {"access_token": tokens.sign(Signer(SECRET), claims, bytes(16), long_ago_ms)[0]}
        phone.state["session"] = old
        requests = len(line.requests)
        with pytest.raises(NO_ANSWER):
            _lose_the_second(line, phone)
        assert phone.state["session"] == old
        phone.sync()
        refreshes = [json.loads(body) for body in line.requests[requests:] if b"refresh_token" in body]
        assert refreshes == [{"refresh_token": old["refresh_token"]}] * 2
    assert phone.state["session"]["refresh_token"] != old["refresh_token"]
    assert phone.rows(CLIENT.CUSTOMER)[shop]["name"] == "Corner Shop"


def _lose_the_second(line: Line, phone: Any) -> None:
    """Sync; the answer to the refresh, which follows the refusal, is lost."""
    post = phone._post

    def posting(path: str, *more: Any) -> Any:
        line.cut_after = 0 if path == "/v1/refresh" else None
        return post(path, *more)

    phone._post = posting
    try:
        phone.sync()
    finally:
        phone._post = post


def test_it_lets_go_of_what_has_moved(here: Site, tmp_path: Path) -> None:
    """P-207, P-607."""
    boss, phone = here.admin(), signed_in(here, tmp_path / "phone.json")
    shop, kept = phone.create(name="Goes to Bo"), phone.create(name="Stays")
    phone.sync()
    assert boss.post(f"/v1/desk/customers/{shop}/transfer", {"to_user_id": here.user(boss, "bo")}).status_code == 200
    phone.sync()
    assert list(phone.rows(CLIENT.CUSTOMER)) == [kept]


def test_it_logs_out_and_goes_on_where_it_stopped(here: Site, tmp_path: Path) -> None:
    """P-007, P-612: the queue stays, and goes out after the next log-in, on the same line."""
    phone = signed_in(here, tmp_path / "phone.json")
    phone.sync()
    line_no = phone.state["session"]["line_no"]
    phone.log_out()
    shop = phone.create(name="Entered after the log-out")
    phone.log_in("alpha", "ann", PASSWORD)
    phone.sync()
    assert phone.state["session"]["line_no"] == line_no
    assert phone.rows(CLIENT.CUSTOMER)[shop]["rev"] == 1


def test_it_does_not_send_the_entries_of_another_user(here: Site, tmp_path: Path) -> None:
    """P-009."""
    here.user(here.admin(), "bo")
    phone = signed_in(here, tmp_path / "phone.json")
    with pytest.raises(NotImplementedError):
        phone.log_in("alpha", "bo", PASSWORD)
    assert phone.state["session"]["name"] == "Ann"


def test_a_restored_copy_of_it_stops_instead_of_guessing(here: Site, tmp_path: Path) -> None:
    """P-312: new lines are left out of the example; it says so, and keeps what it holds."""
    phone = signed_in(here, tmp_path / "phone.json")
    (tmp_path / "copy.json").write_text((tmp_path / "phone.json").read_text())
    phone.create(name="Entered on the phone")
    phone.sync()
    copy = CLIENT.Client(phone.url, tmp_path / "copy.json")
    copy.create(name="Entered on a copy of it")
    with pytest.raises(NotImplementedError):
        copy.sync()
    assert [one["mutation"]["body"] for one in copy.state["queue"]] == [{"name": "Entered on a copy of it"}]
