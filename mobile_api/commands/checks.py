"""The conditions for a server to run: each checked once, told in one sentence with the way to mend it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mobile_api import push_key
from notifications.push import ChannelName
from server import settings as settings_
from server.database import Database, Unavailable, async_url, durability, open_database, pooled
from server.jobs.channels import refused, ways
from server.services.organisations import odd_time_zones
from server.settings import Settings, SettingsError
from server.store import probe, schema
from server.store.privileges import superuser
from server.store.providers import SERVER, Standing, quantile_ms, standings
from shared_schema.problem import Problem

T = TypeVar("T")
FREE_BYTES_MIN: Final = 512 * 1024 * 1024


class Finding(msgspec.Struct, frozen=True):
    """One condition that was checked. `remedy`: the way to mend it; `fatal`: a server must not start so."""

    name: str
    right: bool
    told: str
    remedy: str = ""
    fatal: bool = True


async def examine(settings: Settings) -> list[Finding]:
    """Check the signing key, the database and the disk. A check that rests on a failed one is left out."""
    return [secret(settings), disk(settings), push(settings), *await database(settings)]


def secret(settings: Settings) -> Finding:
    """Look for the key which tokens and cursors are signed with."""
    path = settings_.secret_path(settings)
    try:
        settings_.signing_key(path)
    except SettingsError as error:
        return Finding("secret", False, str(error), "outrider serve --make-secret makes one; keep a copy of it with your backups")
    return Finding("secret", True, f"the signing key is at {path}")


def disk(settings: Settings) -> Finding:
    """Look at the free space where the SQLite file, or else the signing key, lies."""
    folder = (sqlite_file(settings) or settings_.secret_path(settings)).resolve().parent
    if not folder.is_dir():
        return Finding("disk", False, f"the folder {folder} does not exist", "make it, or name another one in OUTRIDER_DATABASE_URL")
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    right = free_mb * 1_000_000 >= FREE_BYTES_MIN
    return Finding("disk", right, f"{free_mb:,} MB are free in {folder}", "free some space: a full disk refuses every write", fatal=False)


def push(settings: Settings) -> Finding:
    """Say how pushes go out, and whether their keys can be read."""
    names = ways(settings)
    wrong = refused(settings, names)
    if not wrong:
        try:
            push_key.read(settings)
        except SettingsError as error:
            wrong = [str(error)]
    if wrong:
        return Finding("push", False, "; ".join(wrong), "name a file that this user may read, or none")
    told = {ChannelName.fcm: "Firebase", ChannelName.webpush: "browsers"}
    named = [told[name] for name in sorted(names) if name in told]
    if named:
        return Finding("push", True, f"pushes go out through {' and '.join(named)}, robots of organisations, and the log")
    return Finding("push", True, "no provider of push is set: notices come with the next sync, to robots of organisations, and to the log")


def _provider(name: str, standing: Standing) -> Finding:
    """What an operator should know of a provider that refuses."""
    breaker, told = standing.breaker, f"{name} refused the last {standing.breaker.refusals} pushes ({standing.word})"
    if breaker.is_ill:
        mend = "check its keys and project; the worker tries again by itself, and nothing is lost"
        return Finding("push", False, told, mend, fatal=False)
    if breaker.is_platform_ill:
        told = f"the provider behind {name} refuses the keys ({standing.word})"
        return Finding("push", False, told, "upload the key of Apple, or of the browsers, to the project", fatal=False)
    share = f"{standing.taken:,} of {standing.sent:,} pushes taken"
    return Finding("push", True, f"{name}: {share}, half of the last ones within {quantile_ms(standing.lags_ms, 0.5):,} ms")


async def _providers(opened: Database) -> list[Finding]:
    found = sorted((await opened.read(standings)).items())
    return [_provider(name if org_id == SERVER else f"the robot of organisation {org_id}", one) for (org_id, name), one in found]


async def database(settings: Settings) -> list[Finding]:
    """Look at the database: reachable, tables of this program, durable, a plain role."""
    file = sqlite_file(settings)
    if file is not None and not file.exists():
        return [Finding("database", False, f"there is no file {file} yet", "outrider migrate makes it")]
    try:
        opened = open_database(settings.database_url)
    except Exception as error:  # noqa: BLE001 - the driver's words may quote the password
        return [_away(type(error).__name__)]
    try:
        return [*await _asked(opened), *await pooler(opened, settings)]
    except Unavailable as ill:
        return [Finding("database", False, ill.cause.means, ill.cause.remedy)]
    except (Problem, OSError) as error:
        return [_away(error.detail if isinstance(error, Problem) else type(error).__name__)]
    except Exception as error:  # noqa: BLE001 - as above: a wrong password, a missing database
        return [_away(type(error).__name__)]
    finally:
        await opened.close()


def _away(why: str) -> Finding:
    return Finding("database", False, f"the database does not answer ({why})", "start it, and check OUTRIDER_DATABASE_URL")


async def _asked(opened: Database) -> list[Finding]:
    found = await opened.read(schema.revision)
    complaints = await opened.write(durability)
    mighty = await opened.read(superuser)
    wanted = schema.head()
    zones = [] if found != wanted else [_zone(*one) for one in await opened.read(odd_time_zones)]
    usable = [] if found != wanted else [await _written(opened), *zones, *await _providers(opened)]
    kept = "a commit survives a power cut"
    return [
        Finding("database", True, f"{opened.dialect} answers"),
        Finding("schema", found == wanted, f"the tables are at {found or 'nothing'}, this program wants {wanted}", "outrider migrate"),
        Finding(
            "durability", not complaints, "; ".join(complaints) or kept, "switch it on: without it a power cut loses acknowledged work"
        ),
        Finding(
            "role",
            not mighty,
            "the database role may pass every lock" if mighty else "the database role is a plain one",
            "make a role without SUPERUSER and BYPASSRLS and let it own the database",
        ),
        *usable,
    ]


async def _written(opened: Database) -> Finding:
    """Write a row and take it back. A server may start all the same: it answers that it is ill, and recovers by itself."""
    try:
        await opened.write(probe.write_something)
    except Unavailable as ill:
        return Finding("writing", False, f"the database cannot be written: {ill.cause.means}", ill.cause.remedy, fatal=False)
    return Finding("writing", True, "the database can be written")


def _zone(login: str, name: str) -> Finding:
    told = f"organisation {login}: {name!r} is no time zone, its years are counted in UTC"
    remedy = f"outrider admin set-time-zone --organisation {login} --time-zone Asia/Shanghai (or another)"
    return Finding("time zone", False, told, remedy, fatal=False)


async def pooler(opened: Database, settings: Settings) -> list[Finding]:
    """Say whether a pooler stands before PostgreSQL, and whether hints between processes go past it; nothing when there is none."""
    if not await opened.read(pooled):
        return []
    if not settings.listen_url:
        told = "a pooler stands before PostgreSQL; hints between processes do not come, devices look for themselves every 15 seconds"
        return [Finding("pooler", True, f"{told} (OUTRIDER_LISTEN_URL may name an address past it)")]
    past = open_database(settings.listen_url)
    try:
        direct = not await past.read(pooled)
    except Exception:  # noqa: BLE001 - the driver's words may quote the password
        return [Finding("pooler", False, "OUTRIDER_LISTEN_URL does not answer", "check it; until then hints do not come", fatal=False)]
    finally:
        await past.close()
    told = "a pooler stands before PostgreSQL; hints between processes go past it"
    mend = "name an address past it; through a pooler in transaction mode hints are lost"
    return [Finding("pooler", direct, told if direct else "OUTRIDER_LISTEN_URL leads through a pooler too", mend, fatal=False)]


def sqlite_file(settings: Settings) -> Path | None:
    """The database's file, None on PostgreSQL."""
    url = async_url(settings.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def line(finding: Finding, mark: Callable[[bool], str]) -> str:
    """One line for people."""
    return f"{mark(finding.right)} {finding.name:<11}{finding.told}" + ("" if finding.right else f"; {finding.remedy}")
