"""Settings: unknown keys and values that do not fit are refused in words; the signing key is made once and kept to its owner."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.settings import Settings, SettingsError, load, secret_path, signing_key


def file(folder: Path, text: str) -> dict[str, str]:
    path = folder / "outrider.toml"
    path.write_text(text, encoding="utf-8")
    return {"OUTRIDER_CONFIG": str(path)}


def test_nothing_set_is_the_default() -> None:
    assert load({"HOME": "/", "OUTRIDER_TEST_POSTGRES": "x"}) == Settings()


def test_environment_over_file_over_default(tmp_path: Path) -> None:
    told = file(tmp_path, 'port = 9000\nlanguage = "en"\nmetrics = false\n') | {"OUTRIDER_PORT": "9001", "OUTRIDER_REFRESH_DAYS": "30"}
    settings = load(told)
    assert (settings.port, settings.language, settings.metrics, settings.refresh_days) == (9001, "en", False, 30)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), ("1", True), ("0", False)])
def test_booleans_in_the_environment(text: str, value: bool) -> None:
    assert load({"OUTRIDER_METRICS": text}).metrics is value


def test_lists_in_the_file_and_between_commas_in_the_environment(tmp_path: Path) -> None:
    in_file = load(file(tmp_path, 'origins = ["https://a.example", "http://localhost:5173"]\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n'))
    told = {"OUTRIDER_ORIGINS": "https://a.example, http://localhost:5173", "OUTRIDER_TRUSTED_PROXIES": "10.0.0.0/8,::1"}
    assert in_file == load(told) == Settings(origins=("https://a.example", "http://localhost:5173"), trusted_proxies=("10.0.0.0/8", "::1"))
    assert load({"OUTRIDER_ORIGINS": ""}) == Settings()
    with pytest.raises(SettingsError, match="origins"):
        load(file(tmp_path, 'origins = "https://a.example"\n'))


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "http://localhost:5173",
        "capacitor://localhost",
        "https://xn--fiq.example",
        "http://[::1]:8080",
        "http://10.0.0.1",
    ],
)
def test_an_origin_as_browsers_send_it(origin: str) -> None:
    assert load({"OUTRIDER_ORIGINS": origin}).origins == (origin,)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("*", "every origin"),
        ("null", "no scheme"),
        ("app.example.com", "no scheme"),
        ("localhost:5173", "no scheme"),
        ("https://app.example.com/", "ends in a slash"),
        ("https://app.example.com/app", "leave out user, path"),
        ("https://app.example.com?x", "leave out user, path"),
        ("https://user@app.example.com", "leave out user, path"),
        ("https://*.example.com", "no origin"),
        ("https://App.example.com", "small letters"),
        ("https://茶.example", "no origin"),
        ("https://app.example.com:443", "leave it out"),
        ("https://", "ends in a slash"),
        ("https://good.example,https://app.example.com:port", "no origin"),
    ],
)
def test_what_is_no_origin_is_refused_in_words(told: str, words: str) -> None:
    with pytest.raises(SettingsError, match=f"origins: .* {words}"):
        load({"OUTRIDER_ORIGINS": told})


MAP = "https://tiles.example.com/{z}/{x}/{y}.png"


@pytest.mark.parametrize(
    ("tiles", "words"),
    [
        ("ftp://tiles.example.com/{z}/{x}/{y}.png", "is no address"),
        ("https://tiles.example.com; script-src *//{z}/{x}/{y}.png", "is no address"),
        ("https://user@tiles.example.com/{z}/{x}/{y}.png", "is no address"),
        ("https://tiles.example.com/{z}/{x}/1.png", "must name"),
        ("https://tiles.example.com/{z}/{x}/{y}/{y}.png", "must name"),
        ("https://tiles.example.com/{s}/{z}/{x}/{y}.png", "must name"),
    ],
)
def test_a_map_that_is_none_is_refused(tiles: str, words: str) -> None:
    with pytest.raises(SettingsError, match=f"map_tiles {words}"):
        load({"OUTRIDER_MAP_TILES": tiles, "OUTRIDER_MAP_CREDIT": "Example"})


def test_a_map_of_others_names_them() -> None:
    with pytest.raises(SettingsError, match="map_credit"):
        load({"OUTRIDER_MAP_TILES": MAP})
    assert load({"OUTRIDER_MAP_TILES": MAP, "OUTRIDER_MAP_CREDIT": "Example"}).map_tiles == MAP


@pytest.mark.parametrize(
    ("told", "words"),
    [("*", "neither"), ("proxy.local", "neither"), ("10.0.0.1/8", "neither"), ("0.0.0.0/0", "everybody"), ("::/0", "everybody")],
)
def test_what_is_no_network_is_refused_in_words(told: str, words: str) -> None:
    for name in ("trusted_proxies", "metrics_readers"):
        with pytest.raises(SettingsError, match=f"{name}: .* is {words}"):
            load({f"OUTRIDER_{name.upper()}": told})


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"OUTRIDER_DATABSE_URL": "x"}, "OUTRIDER_DATABSE_URL is not a setting; the nearest is OUTRIDER_DATABASE_URL"),
        ({"OUTRIDER_PORT": "http"}, "port"),
        ({"OUTRIDER_PORT": "0"}, "port"),
        ({"OUTRIDER_LANGUAGE": "fr"}, "language"),
        ({"OUTRIDER_METRICS": "maybe"}, "metrics"),
        ({"OUTRIDER_WORKERS": "2"}, "SQLite serves one process"),
        ({"OUTRIDER_DATABASE_URL": "mysql://root:hidden@host/name"}, "neither sqlite"),
        ({"OUTRIDER_DATABASE_URL": "sqlite://"}, "neither sqlite"),
        ({"OUTRIDER_DATABASE_URL": "hidden"}, "neither sqlite"),
        ({"OUTRIDER_CONFIG": "/nowhere/outrider.toml"}, "cannot be read"),
        ({"OUTRIDER_CLOCK_AHEAD_MS": "1"}, "clock_ahead_ms: .* at wrong times .* only a demo may have one: remove the setting"),
        ({"OUTRIDER_CLOCK_AHEAD_MS": "-86400000", "OUTRIDER_DEMO": "false"}, "clock_ahead_ms: .* only a demo"),
        ({"OUTRIDER_CLOCK_FILE": "/nowhere/clock"}, "clock_file: .* only a demo"),
        ({"OUTRIDER_CLOCK_FILE": "/nowhere/clock", "OUTRIDER_DEMO": "true"}, "clock_file: FileNotFoundError; only the demo makes"),
    ],
)
def test_refused_in_words(told: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        load(told)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [("prot = 1\n", "prot is not a setting; the nearest is port"), ('port = "80"\n', "port"), ("port = \n", "cannot be read")],
)
def test_a_file_is_held_to_the_same(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(file(tmp_path, text))


def test_a_demo_may_have_a_clock_of_its_own() -> None:
    assert load({"OUTRIDER_CLOCK_AHEAD_MS": "-600000", "OUTRIDER_DEMO": "true"}).clock_ahead_ms == -600_000


def test_workers_on_postgresql() -> None:
    assert load({"OUTRIDER_WORKERS": "2", "OUTRIDER_DATABASE_URL": "postgresql://rep@host/outrider"}).workers == 2


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        (Settings(secret_file="/run/key"), "/run/key"),
        (Settings(database_url="sqlite:////data/outrider.db"), "/data/outrider.secret"),
        (Settings(database_url="postgresql://host/name"), "outrider.secret"),
    ],
)
def test_where_the_key_lies(settings: Settings, path: str) -> None:
    assert secret_path(settings) == Path(path)


def test_a_missing_key_is_refused_unless_told_to_make_it(tmp_path: Path) -> None:
    path = tmp_path / "outrider.secret"
    with pytest.raises(SettingsError, match="cannot be read"):
        signing_key(path)
    key = signing_key(path, make=True)
    assert len(key) == 32
    assert signing_key(path) == signing_key(path, make=True) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_many_makers_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: signing_key(tmp_path / "key", make=True), range(32)))
    assert len(keys) == 1


@pytest.mark.parametrize(("mode", "content", "words"), [(0o640, b"x" * 32, "chmod 600"), (0o600, b"short", "5 bytes")])
def test_a_key_that_is_no_secret_is_refused(tmp_path: Path, mode: int, content: bytes, words: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(SettingsError, match=words):
        signing_key(path)
