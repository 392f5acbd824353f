"""The page at `/`: it leads to both apps in the reader's language, without a script, a foreign address or anything secret."""

import re
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from html import unescape
from pathlib import Path

import httpx
import pytest

from mobile_api.app import create_app
from mobile_api.routes import landing
from server.database import open_database
from server.domain.tokens import Signer
from server.settings import Settings
from tests.integration.loopback import NO_TLS, served

HEADLINES = {"zh": "路上录入的，一条也不会丢", "en": "Nothing entered on the road gets lost"}


@contextmanager
def serving(template: Path, folder: Path, settings: Settings) -> Iterator[httpx.Client]:
    file = shutil.copy(template, folder / "landing.db")
    app = create_app(settings, open_database(f"sqlite:///{file}"), Signer(bytes(32)))
    with served(app) as (host, port), httpx.Client(base_url=f"http://{host}:{port}", timeout=20, verify=NO_TLS) as client:
        yield client


@pytest.fixture(scope="module")
def http(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(sqlite_template, tmp_path_factory.mktemp("landing"), Settings(language="zh")) as client:
        yield client


def page(http: httpx.Client, accepted: str = "en", query: str = "") -> httpx.Response:
    answer = http.get(f"/{query}", headers={"accept-language": accepted})
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("ZH-Hant", "zh"),
        ("en;q=0.5,zh-CN;q=0.9", "zh"),
        ("zh;q=0,en", "en"),
        ("fr,en;q=0.3", "en"),
        ("fr", "zh"),
        ("", "zh"),
        (";;,=,en;q=x", "zh"),
    ],
)
def test_the_reader_is_spoken_to_in_the_language_that_the_browser_asks_for(http: httpx.Client, accepted: str, language: str) -> None:
    """And in the operator's, if it asks for none of ours."""
    told = page(http, accepted)
    assert f"<h1>{HEADLINES[language]}</h1>" in told.text
    assert (told.headers["content-language"], told.headers["vary"]) == (language, "Accept-Language")


def test_the_language_is_changed_by_a_link(http: httpx.Client) -> None:
    for accepted, other in (("en", "zh"), ("zh", "en")):
        query = re.search(r'class="other" href="/(\?[^"]+)"', page(http, accepted).text)
        assert query is not None
        assert f"<h1>{HEADLINES[other]}</h1>" in page(http, accepted, query[1]).text
    assert f"<h1>{HEADLINES['en']}</h1>" in page(http, "en", "?language=fr").text


@pytest.mark.parametrize("language", HEADLINES)
def test_all_that_it_leads_to_is_there_and_ours(http: httpx.Client, language: str) -> None:
    text = page(http, language).text
    named = re.findall(r'(?:href|src|action)="([^"]*)"', text)
    assert {"/app/", "/desk/", "/schema/openapi.json", "/app/icon.svg"} < set(named)
    assert {http.get(path).status_code for path in named} == {200}
    assert "//" not in re.sub(r"http://www\.w3\.org/2000/svg", "", text), "no foreign address"
    assert "$" not in text, "every place for a word has its word"


@pytest.mark.parametrize("language", HEADLINES)
def test_it_runs_no_script_and_only_its_own_style(http: httpx.Client, language: str) -> None:
    told = page(http, language)
    style = re.findall("<style>(.*?)</style>", told.text, re.DOTALL)
    assert len(style) == 1
    assert len(style[0]) > 1_000
    policy = told.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{b64encode(sha256(style[0].encode()).digest()).decode()}'; " in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert not re.search(r"<script|style=|\bon\w+=|javascript:", told.text)


@pytest.mark.parametrize(("language", "words"), [("en", "This is a demo server."), ("zh", "这是演示服务器。")])
def test_a_server_of_the_demo_says_so_and_tells_no_secret(
    sqlite_template: Path, tmp_path: Path, http: httpx.Client, language: str, words: str
) -> None:
    with serving(sqlite_template, tmp_path, Settings(demo=True)) as shown:
        text = unescape(page(shown, language).text)
    assert words in text
    assert words not in page(http, language).text
    assert not re.search(r"password|密码|code=|#", re.sub(r"<style>.*?</style>|<svg.*?</svg>|<meta.*?>", "", text, flags=re.DOTALL))


def test_a_server_without_the_built_page_says_how_to_build_it(http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "_PAGE", landing.read_page(tmp_path / "page.html")[0])
    told = http.get("/", headers={"accept-language": "en"})
    assert (told.status_code, told.json()["code"]) == (404, "not_found")
    assert "make setup" in told.json()["detail"]


def test_what_was_the_old_page_is_gone(http: httpx.Client) -> None:
    for path in ("/static/page.js", "/static/session.js", "/static/words.js"):
        assert http.get(path).status_code == 404
