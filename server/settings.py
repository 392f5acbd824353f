"""Everything an operator may set, read once at start from `OUTRIDER_*` and the TOML file named by `OUTRIDER_CONFIG`."""

import contextlib
import difflib
import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from server import clock
from server.chance import secret
from server.database import async_url
from server.outside import refused_network, refused_origin, refused_tiles
from shared_schema.wire import PAGE_BYTES, PAGE_BYTES_MAX

PREFIX: Final = "OUTRIDER_"
CONFIG: Final = "OUTRIDER_CONFIG"
OURS: Final = ("OUTRIDER_TEST_", "OUTRIDER_BENCH_")
"""The settings of tests and benchmarks: none."""
SECRET_BYTES: Final = 32
REQUEST_S: Final = 30
HEADER_BYTES_MAX: Final = 32_768
CLOCK_AHEAD_MS_MAX: Final = 10 * 365 * 86_400_000


class SettingsError(ValueError):
    """The settings cannot be used; the text names the setting and the way to mend it, and carries no value that may be secret."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of an operator: `OUTRIDER_<NAME>` in the environment, or `<name>` in the file; the environment wins."""

    database_url: str = "sqlite:///outrider.db"
    """`sqlite:///path` or `postgresql://user:password@host:port/name`."""
    listen_url: str = ""
    """`postgresql://…` past a pooler, where a process hears the hints of the others. Empty: `database_url`."""
    host: Annotated[str, Meta(min_length=1, max_length=255)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 8080
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    """Server processes; more than one needs PostgreSQL."""
    secret_file: str = ""
    """The key tokens and cursors are signed with, 32 bytes. Empty: beside the SQLite file, or `outrider.secret` here."""
    access_minutes: Annotated[int, Meta(ge=1, le=60)] = 15
    refresh_days: Annotated[int, Meta(ge=1, le=3_650)] = 90
    page_bytes: Annotated[int, Meta(ge=1, le=PAGE_BYTES_MAX)] = PAGE_BYTES
    """Rows of one answer stop here, even if a phone asks for a larger page."""
    push_bytes_max: Annotated[int, Meta(ge=1_024, le=4_194_304)] = 262_144
    """Largest request body, as it arrives."""
    header_bytes_max: Annotated[int, Meta(ge=4_096, le=1_048_576)] = HEADER_BYTES_MAX
    """Largest head of a request: its line and its headers."""
    request_s: Annotated[int, Meta(ge=1, le=3_600)] = REQUEST_S
    """Seconds until a request is whole, headers and body."""
    idle_s: Annotated[int, Meta(ge=1, le=3_600)] = 30
    """Seconds that a connection may say nothing before, between and after requests, or take nothing of its answer."""
    connections_max: Annotated[int, Meta(ge=16, le=1_000_000)] = 2_000
    """Connections at a process."""
    address_connections_max: Annotated[int, Meta(ge=1, le=1_000_000)] = 500
    """Of those, from one address; from behind a trusted proxy, its requests in progress."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies whose `X-Forwarded-For` is believed."""
    origins: tuple[str, ...] = ()
    """Web apps of other origins that may call, each as browsers write it: `https://app.example.com`."""
    syncs_max: Annotated[int, Meta(ge=2, le=10_000)] = 64
    """Syncs in progress at a process; beyond, a phone is told to come again."""
    first_syncs_max: Annotated[int, Meta(ge=1, le=10_000)] = 4
    """Of those, how many may begin anew: they read everything the phone may hold."""
    busy_wait_s: Annotated[int, Meta(ge=1, le=10)] = 8
    """Seconds, at most, that a busy server asks a phone to wait; each is told another time."""
    map_tiles: str = ""
    """Where the apps find pictures of the map, `https://tiles.example.com/{z}/{x}/{y}.png`. Empty: they ask no foreign host."""
    map_credit: Annotated[str, Meta(max_length=100)] = ""
    """The words that the owner of the map wants to see on it."""
    worker: Literal["on", "off"] = "on"
    """Whether `outrider serve` sends pushes and runs the jobs too; off: `outrider worker` does."""
    push_fcm_account: str = ""
    """The file with the service account of the operator's Firebase project. Empty: no push through Firebase."""
    push_vapid: str = ""
    """The file that `outrider push make-keys` wrote. Empty: no push to browsers."""
    push_contact: Annotated[str, Meta(max_length=200)] = ""
    """`mailto:` or `https:` of the operator, to whom the push services of browsers may write; needed with `push_vapid`."""
    push_services: tuple[str, ...] = ()
    """Services of push besides those of the browsers' makers, as host:port; for tests and the demo."""
    push_fcm_url: str = ""
    """Where Firebase is; for tests and the demo. Empty: its own address."""
    notice_days: Annotated[int, Meta(ge=1, le=3_650)] = 90
    """Notices that were read leave their reader's list after so many days."""
    tombstone_days: Annotated[int, Meta(ge=1, le=3_650)] = 90
    """How long the feed remembers removals; a phone silent for longer starts anew."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    language: Literal["zh", "en"] = "zh"
    """Of messages to people who have not chosen one."""
    metrics: bool = True
    """Whether /metrics answers."""
    metrics_readers: tuple[str, ...] = ()
    """Addresses and networks that may read /metrics, besides this machine."""
    demo: bool = False
    """Whether the page at / says that this is a demo."""
    clock_ahead_ms: Annotated[int, Meta(ge=-CLOCK_AHEAD_MS_MAX, le=CLOCK_AHEAD_MS_MAX)] = 0
    """How far the server's clock is ahead of the machine's; negative: behind. Of a demo alone."""
    clock_file: str = ""
    """The file by which the demo moves its servers' clock forward while they run. Of a demo alone."""


LISTS: Final = frozenset(field.name for field in msgspec.structs.fields(Settings) if field.default == ())
"""In the file a list, in the environment separated by commas."""


def load(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises SettingsError on an unknown key, a value that does not fit, or a file that cannot be read."""
    told = {key: value for key, value in environment.items() if key.startswith(PREFIX) and not key.startswith(OURS) and key != CONFIG}
    named = {name: PREFIX + name.upper() for name in Settings.__struct_fields__}
    _refuse_unknown(told, named.values())
    from_file = _file(environment[CONFIG]) if environment.get(CONFIG) else {}
    _refuse_unknown(from_file, named)
    # In the environment everything is text; a file has types of its own, and "8080" in quotes is refused there.
    texts = {name: _listed(told[key]) if name in LISTS else told[key] for name, key in named.items() if key in told}
    settings = Settings(**_typed(from_file, strict=True) | _typed(texts, strict=False))
    _refuse_wrong(settings)
    return settings


def _typed(given: Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    """The given settings alone, each of its type."""
    try:
        whole = msgspec.convert(given, Settings, strict=strict)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a setting does not fit: {error}") from None
    return {name: getattr(whole, name) for name in given}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _refuse_unknown(told: Mapping[str, Any], known: Collection[str]) -> None:
    for key in sorted(set(told) - set(known)):
        near = difflib.get_close_matches(key, list(known), n=1, cutoff=0)
        raise SettingsError(f"{key} is not a setting; the nearest is {near[0]}")


def _refuse_wrong(settings: Settings) -> None:
    try:
        backend = async_url(settings.database_url).get_backend_name()
    except Exception:  # noqa: BLE001 - the error's text may quote the password
        raise SettingsError("database_url is neither sqlite:///path nor postgresql://user:password@host:port/name") from None
    for name, refused in (("origins", refused_origin), ("trusted_proxies", refused_network), ("metrics_readers", refused_network)):
        for one in getattr(settings, name):
            if (why := refused(one)) is not None:
                raise SettingsError(f"{name}: {one.rpartition('@')[2][:100]!r} {why}")
    _refuse_wrong_push(settings)
    _refuse_wrong_clock(settings)
    if settings.map_tiles and (why := refused_tiles(settings.map_tiles)) is not None:
        raise SettingsError(f"map_tiles {why}")
    if settings.map_tiles and not settings.map_credit:
        raise SettingsError("map_credit: a map of others names them; write the words that their terms ask for")
    if settings.listen_url and not _is_postgres(settings.listen_url):
        raise SettingsError("listen_url is not postgresql://user:password@host:port/name")
    if settings.first_syncs_max >= settings.syncs_max:
        raise SettingsError("first_syncs_max: it must be less than syncs_max, so that phones which begin anew never hold every place")
    if settings.workers > 1 and backend == "sqlite":
        raise SettingsError("workers: SQLite serves one process; use PostgreSQL for more")


def _refuse_wrong_push(settings: Settings) -> None:
    if settings.push_vapid and not settings.push_contact.startswith(("mailto:", "https://")):
        raise SettingsError("push_contact: the push services of browsers want an address of the operator; write mailto:it@example.com")


def _refuse_wrong_clock(settings: Settings) -> None:
    """A server for real users has the machine's clock."""
    for name in ("clock_ahead_ms", "clock_file"):
        if getattr(settings, name) and not settings.demo:
            raise SettingsError(
                f"{name}: a server with a simulated clock reminds its users at wrong times and ends their sessions early or late;"
                " only a demo may have one: remove the setting, and set the machine's clock if that is wrong"
            )
    if settings.clock_file:
        try:
            clock.shared(settings.clock_file, writing=False).release()
        except (OSError, ValueError) as error:
            raise SettingsError(f"clock_file: {type(error).__name__}; only the demo makes such a file, remove the setting") from None


def _is_postgres(url: str) -> bool:
    try:
        return async_url(url).get_backend_name() == "postgresql"
    except Exception:  # noqa: BLE001 - as above
        return False


def _file(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{CONFIG}: the file cannot be read ({type(error).__name__})") from error


def secret_path(settings: Settings) -> Path:
    """Where the signing key lies."""
    if settings.secret_file:
        return Path(settings.secret_file)
    url = async_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "outrider.db").with_suffix(".secret")
    return Path("outrider.secret")


def signing_key(path: Path, *, make: bool = False) -> bytes:
    """The 32 bytes at `path`; with `make`, a missing file is made, readable by its owner alone.

    Raises SettingsError when it is missing, of another length, or readable by others.
    """
    if make and not path.exists():
        _make(path)
    try:
        mode, key = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise SettingsError("secret_file: the signing key cannot be read; name one, or let the server make one") from error
    if mode & 0o077:
        raise SettingsError("secret_file: others than its owner may read it; chmod 600 it")
    if len(key) != SECRET_BYTES:
        raise SettingsError(f"secret_file: it holds {len(key)} bytes instead of {SECRET_BYTES}")
    return key


def _make(path: Path) -> None:
    """Two processes may come at once: the first to link has made the key, and it is whole when it appears."""
    draft = path.with_name(f"{path.name}.{secret(8).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secret(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
