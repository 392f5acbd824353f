"""`outrider serve`: the server's processes, started only when everything they stand on is right."""

import asyncio
import gc
import os
import resource
import socket
from contextlib import closing
from typing import Final

import click
import uvicorn
from litestar import Litestar

from mobile_api import logs
from mobile_api.app import create_app
from mobile_api.commands.checks import examine, line
from mobile_api.doorkeeper import REFUSED_MAX
from server import clock
from server import settings as settings_
from server.database import open_database
from server.domain.tokens import Signer
from server.settings import Settings, SettingsError

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
STOP_S: Final = 20
"""Requests under way may take this long to end after a stop was asked for."""
FILES_BESIDE: Final = 256
"""Open files beside connections: the database, its readers, the log."""


@click.command("serve")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Server processes; more than one needs PostgreSQL.")
@click.option("--make-secret", is_flag=True, help="Make the signing key when there is none.")
def command(host: str | None, port: int | None, workers: int | None, make_secret: bool) -> None:
    """Serve phones and desks until SIGTERM or Ctrl-C; every request that is under way is finished."""
    # Server processes read the same environment: an option given here reaches them through it.
    for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if value is not None:
            os.environ[settings_.PREFIX + name] = str(value)
    try:
        settings = settings_.load(os.environ)
        if make_secret:
            settings_.signing_key(settings_.secret_path(settings), make=True)
    except SettingsError as error:
        raise click.ClickException(f"{error} (outrider doctor tells more)") from None
    _refuse_wrong(settings)
    _refuse_taken(settings)
    _open_files(settings)
    uvicorn.run(
        "mobile_api.commands.serve:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="mobile_api.connection:Connection",
        ws="none",
        proxy_headers=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )


def application() -> Litestar:
    """The application of one server process, from the environment."""
    settings = settings_.load(os.environ)
    logs.configure(settings.log_level)
    clock.simulate(settings.clock_ahead_ms, settings.clock_file)
    key = settings_.signing_key(settings_.secret_path(settings))
    signer = Signer(key, settings.access_minutes * MINUTE_MS, settings.refresh_days * DAY_MS)
    app = create_app(settings, open_database(settings.database_url, settings.listen_url), signer)
    calm_collector()
    return app


def calm_collector() -> None:
    """All objects loaded by now stay for good: the collector need not look at them again in the middle of a push.

    A push of 500 makes thousands of short-lived objects and no cycles: a full collection doubled its time (35 to 80 ms).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _refuse_wrong(settings: Settings) -> None:
    found = [one for one in asyncio.run(examine(settings)) if not one.right]
    wrong = [one for one in found if one.fatal]
    for one in found:
        if not one.fatal:
            click.echo(line(one, lambda _: "!"), err=True)
    if wrong:
        raise click.ClickException("the server does not start\n" + "\n".join(line(one, lambda _: "  ✘") for one in wrong))


def _open_files(settings: Settings) -> None:
    """Each connection is an open file: let this process and those it starts have so many, or say that the machine does not."""
    wanted = settings.connections_max + REFUSED_MAX + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise click.ClickException(
            f"connections_max: {settings.connections_max} connections need {wanted} open files, and this machine allows {hard};"
            " set less, or allow more (LimitNOFILE= of systemd, ulimit -n)"
        )
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _refuse_taken(settings: Settings) -> None:
    """A port in use is told in words, before any process starts."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, number)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise click.ClickException(f"{where} cannot be used ({error.strerror}); choose another with --host or --port") from None
