"""The web apps as they are served: what may be kept for how long, in which form, under which policy, and what stands at every address."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mobile_api.app import create_app
from mobile_api.routes import apps
from server.database import open_database
from server.domain.tokens import Signer
from server.settings import Settings
from tests.integration.loopback import NO_TLS, served

APPS = ("app", "desk")
NODE = os.environ.get("OUTRIDER_NODE") or str(Path(sys.prefix) / "bin" / "node")
WEB = apps.FOLDER.parent
PLAIN = {"accept-encoding": "identity"}


@pytest.fixture(scope="module")
def http(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("apps") / "apps.db")
    app = create_app(Settings(), open_database(f"sqlite:///{file}"), Signer(bytes(32)))
    with served(app) as (host, port), httpx.Client(base_url=f"http://{host}:{port}", timeout=20, verify=NO_TLS, headers=PLAIN) as client:
        yield client


def linked(http: httpx.Client, app: str) -> list[str]:
    """The addresses that the page of an app names."""
    return re.findall(r'(?:href|src)="([^"]+)"', http.get(f"/{app}/").text)


@pytest.mark.parametrize("app", APPS)
def test_all_that_the_page_names_is_there_and_what_has_a_hash_is_kept_for_ever(http: httpx.Client, app: str) -> None:
    names = linked(http, app)
    for name in names:
        answer = http.get(name)
        assert answer.status_code == 200
        forever = re.search(r"-[0-9a-f]{10}\.", name) is not None
        assert answer.headers["cache-control"] == ("public, max-age=31536000, immutable" if forever else "no-cache"), name
    assert {Path(name).suffix for name in names if "-" in name} == {".js", ".css", ".png"}


@pytest.mark.parametrize("app", APPS)
def test_the_worker_and_the_manifest_name_only_what_is_served(http: httpx.Client, app: str) -> None:
    worker = http.get(f"/{app}/sw.js")
    assert worker.headers["content-type"] == "text/javascript; charset=utf-8"
    listed = json.loads(re.search(r"\[\"\".*?\]", worker.text)[0])  # type: ignore[index]
    assert {"", "app.webmanifest", "icon.svg"} <= set(listed)
    assert {f"/{app}/{name}" for name in listed} >= set(linked(http, app))
    manifest = http.get(f"/{app}/app.webmanifest").json()
    for name in [*listed, *(icon["src"] for icon in manifest["icons"]), manifest["start_url"], manifest["scope"]]:
        assert http.get(f"/{app}/{name}").status_code == 200, name


@pytest.mark.parametrize("app", APPS)
def test_the_texts_of_each_language_are_a_file_that_the_worker_keeps_and_no_script_holds(http: httpx.Client, app: str) -> None:
    worker = http.get(f"/{app}/sw.js").text
    listed = json.loads(re.search(r"\[\"\".*?\]", worker)[0])  # type: ignore[index]
    texts = {name[:2]: http.get(f"/{app}/{name}").text.split("\n") for name in listed if re.fullmatch(r"(zh|en)-[0-9a-f]{10}\.txt", name)}
    assert len(texts["zh"]) == len(texts["en"]) > 1_000
    assert all(line for lines in texts.values() for line in lines)
    [script] = (http.get(name).text for name in linked(http, app) if name.endswith(".js"))
    assert [line for lines in texts.values() for line in lines if len(line.encode()) > 20 and line in script + worker] == []


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("path", ["", "index.html", "customers", "customers/0190-1", "a/b/c/"])
def test_every_screen_is_the_page(http: httpx.Client, app: str, path: str) -> None:
    answer = http.get(f"/{app}/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'src="/{app}/{app}-' in answer.text
    assert not re.search(r"<style|style=|<script>|\bon\w+=", answer.text), "nothing inline"


@pytest.mark.parametrize("app", APPS)
def test_no_answer_names_its_charset_twice(http: httpx.Client, app: str) -> None:
    for path in (f"/{app}/", f"/{app}/sw.js", "/"):
        assert http.get(path).headers["content-type"].endswith("; charset=utf-8")
        assert http.get(path).headers["content-type"].count("charset") == 1


@pytest.mark.parametrize("app", APPS)
def test_without_the_slash_one_is_sent_to_it_by_a_relative_address(http: httpx.Client, app: str) -> None:
    for query in ("", "?code=1%202"):
        answer = http.get(f"/{app}{query}")
        assert (answer.status_code, answer.headers["location"]) == (307, f"{app}/{query}")
    assert http.get(f"/{app}", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", ["/app/gone-0123456789.js", "/app/app.js.br", "/app/../../etc/passwd.txt", "/desk/%2e%2e/app/sw.j"])
def test_a_file_that_is_not_there_is_a_problem_and_no_page(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


FORMS = [
    ("br, gzip, zstd", "br"),
    ("gzip, deflate", "gzip"),
    ("br;q=0, gzip", "gzip"),
    ("identity", None),
    ("*", "br"),
    ("", None),
    ("x", None),
]


@pytest.mark.parametrize(("accepted", "coding"), FORMS)
def test_the_smallest_form_that_is_taken_is_sent(http: httpx.Client, accepted: str, coding: str | None) -> None:
    script = next(name for name in linked(http, "app") if name.endswith(".js"))
    plain = http.get(script).content
    with http.stream("GET", script, headers={"accept-encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert (answer.headers.get("content-encoding"), answer.headers["vary"]) == (coding, "Accept-Encoding")
    assert int(answer.headers["content-length"]) == len(raw)
    assert raw == plain if coding is None else len(raw) < len(plain) / 2
    if coding == "gzip":
        assert gzip.decompress(raw) == plain


def test_what_is_asked_for_again_is_told_in_one_line_if_it_is_the_same(http: httpx.Client) -> None:
    for path in ("/app/", "/app/sw.js", "/desk/customers"):
        first = http.get(path)
        tag = first.headers["etag"]
        again = http.get(path, headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert http.get(path, headers={"if-none-match": '"other"'}).status_code == 200
        assert http.get(path, headers={"if-none-match": tag, "accept-encoding": "gzip"}).status_code == 200, "another form has another tag"


def test_head_tells_what_get_would(http: httpx.Client) -> None:
    for path in ("/app/", "/desk/sw.js", "/app"):
        head, got = http.head(path), http.get(path)
        dated = {"date"}
        assert head.content == b""
        assert {k: v for k, v in head.headers.items() if k not in dated} == {k: v for k, v in got.headers.items() if k not in dated}


def test_the_policy_lets_the_app_alone_run(http: httpx.Client) -> None:
    for path in ("/app/", "/desk/", *linked(http, "app")):
        headers = http.get(path).headers
        policy = dict(one.strip().split(" ", 1) for one in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        for name in ("script-src", "style-src", "connect-src", "img-src", "worker-src", "form-action"):
            assert policy[name] == "'self'"
        assert headers.get_list("content-security-policy") == [headers["content-security-policy"]]
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert headers["permissions-policy"].startswith("geolocation=(self), camera=()")


def built(folder: Path, *more: str) -> dict[str, bytes]:
    """All files of both apps, as the build writes them into a folder."""
    subprocess.run([NODE, WEB / "build.mjs", f"--out={folder}", *more], check=True, timeout=60)
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_same_sources_give_the_same_bytes_and_another_edition_another_version(tmp_path: Path) -> None:
    first, second = built(tmp_path / "first"), built(tmp_path / "second")
    assert first == second
    other = built(tmp_path / "other", "--edition=other")
    assert {name for name in first if first[name] == other.get(name)} >= {"app/icon.svg", "app/app.webmanifest"}
    assert first["app/sw.js"] != other["app/sw.js"]
    assert {name for name in first if name.endswith(".js")} != {name for name in other if name.endswith(".js")}


def test_a_checkout_that_is_not_built_says_which_command_builds_it(
    http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(apps.FILES, "app", apps.read_files(tmp_path / "app"))
    for path in ("/app/", "/app/customers", "/app/sw.js"):
        problem: dict[str, Any] = http.get(path).json()
        assert problem["code"] == "not_found"
        assert "make setup" in problem["detail"]
    assert http.get("/desk/").status_code == 200


MAP = "https://tiles.example.com/{z}/{x}/{y}.png"


def test_an_operators_map_is_named_by_the_page_and_allowed_by_the_policy(http: httpx.Client, sqlite_url: str) -> None:
    app = create_app(Settings(map_tiles=MAP, map_credit='Example "maps" & sons'), open_database(sqlite_url), Signer(bytes(32)))
    with served(app) as (host, port), httpx.Client(base_url=f"http://{host}:{port}", verify=NO_TLS, headers=PLAIN) as mapped:
        for name in APPS:
            page = mapped.get(f"/{name}/customers")
            assert f'<meta name="map" content="{MAP}" data-credit="Example &quot;maps&quot; &amp; sons">' in page.text
            assert "img-src 'self' https://tiles.example.com;" in page.headers["content-security-policy"]
            assert page.headers["content-security-policy"].count("tiles.example.com") == 1
            assert mapped.get(f"/{name}/", headers={"accept-encoding": "gzip"}).text == page.text
            # A phone that has the app fetches the page again only when the worker's bytes differ.
            assert mapped.get(f"/{name}/sw.js").text != http.get(f"/{name}/sw.js").text
            assert 'name="map"' not in http.get(f"/{name}/").text
