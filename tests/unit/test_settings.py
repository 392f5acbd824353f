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
