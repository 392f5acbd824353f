"""Terminal commands about the session and the network: login, logout, offline, online, sync, status."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from mobile_api.phone.measures import UnclearError
from mobile_api.phone.phone import Answered, SyncReport
from mobile_api.phone.phone import Progress as Told
from mobile_api.phone.screen import Screen
from mobile_api.phone.transport import UnreachableError
from shared_schema.entity import EXTRA_PREFIX
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import Customer
from shared_schema.wire import Outcome, Result
from sync import overlay
from sync.state import WHOLE

DEFAULT_URL: Final = "http://127.0.0.1:8080"


@click.command("login")
@click.option("--url", help=f"The server; the last one, or {DEFAULT_URL}.")
@click.option("--organisation", prompt="organisation")
@click.option("--account", help="Your account; not needed with --code.")
@click.option("--password-file", type=click.File("r"), help="Read the password from a file, or from - (stdin), instead of asking.")
@click.option("--code", help="A one-time code from your admin instead of a password.")
@click.option("--name", "device_name", default="terminal", show_default=True, help="The name of this device for the admin.")
@click.pass_obj
def login(screen: Screen, /, organisation: str, account: str | None, code: str | None, device_name: str, **given: object) -> None:
    """Sign in. The entries on this phone go on waiting."""
    url = str(given["url"] or screen.phone.session.url() or DEFAULT_URL)
    try:
        if code is not None:
            told = screen.phone.enrol(url, organisation, code, device_name)
        else:
            account = account or click.prompt("account")
            told = screen.phone.sign_in(url, organisation, account, _password(given["password_file"]), device_name)
    except UnreachableError as error:
        raise UnclearError("no_server", url=url, why=error) from None
    except Problem as problem:
        if problem.code is Code.forbidden and screen.phone.seat().user_id:
            raise UnclearError("other_user", file=screen.file) from None
        raise
    screen.say("signed_in", name=told.name, role=screen.words.known(told.role.name), organisation=organisation)


def _password(file: object) -> str:
    if file is None:
        return str(click.prompt("password", hide_input=True))
    return str(file.readline()).rstrip("\r\n")  # type: ignore[attr-defined]  # click.File gives a text file


@click.command("logout")
@click.pass_obj
def logout(screen: Screen) -> None:
    """Sign out. Data and waiting entries stay."""
    screen.phone.session.sign_out()
    screen.say("signed_out")


@click.command("offline")
@click.pass_obj
def offline(screen: Screen) -> None:
    """Switch the network off."""
    screen.phone.offline = True
    screen.say("now_offline")


@click.command("online")
@click.pass_obj
def online(screen: Screen) -> None:
    """Switch the network on."""
    screen.phone.offline = False
    screen.say("now_online")


@click.command("sync")
@click.pass_obj
def sync(screen: Screen) -> None:
    """Send the waiting entries, receive the new records."""
    if screen.phone.offline:
        raise click.ClickException(screen.words("is_offline", waiting=screen.phone.waiting()))
    with _bar(screen) as told:
        report = screen.phone.sync(told)
    tell(screen, report)


@contextmanager
def _bar(screen: Screen) -> Iterator[Told]:
    """A bar on the error stream of a terminal; into a pipe, nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not screen.console.is_terminal) as bar:
        task = bar.add_task(screen.words("progress"), total=None)
        yield lambda position, head: bar.update(task, completed=position, total=max(head, 1))


def tell(screen: Screen, report: SyncReport) -> None:
    """The result of one sync."""
    counts = Counter(one.outcome.result for one in report.answered)
    if counts:
        screen.say("sent_so", counts=", ".join(f"{count} {screen.words(result.name)}" for result, count in sorted(counts.items())))
    else:
        screen.say("sent_nothing")
    for one in report.answered:
        if one.outcome.result in (Result.parked, Result.rejected):
            click.echo(f"  {_why(screen, one.outcome)}{_partly(screen, one)}")
    if report.forks:
        screen.say("forks")
    if report.problem is not None:
        screen.say("upgrade", problem=screen.words.title(report.problem))
    if report.beyond is not None:
        screen.say("beyond", tiles=report.beyond.tiles, reports=report.beyond.reports)
    screen.say("traffic", up=f"{report.bytes_up:,}", down=f"{report.bytes_down:,}", rounds=report.rounds)
    waiting = len(screen.phone.open_items())
    if waiting:
        screen.say("look_inbox", count=waiting)
    screen.say("synced" if report.complete else "not_synced", waiting=report.waiting)


def _why(screen: Screen, outcome: Outcome) -> str:
    field = f" [{outcome.field}]" if outcome.field else ""
    return f"{screen.words(outcome.result.name)}: {screen.words.title(outcome.code or '')}{field}"


def _partly(screen: Screen, one: Answered) -> str:
    """Of an entry that met a newer change in some of its fields: which were taken, and which wait (P-404)."""
    intent = overlay.understood(one.raw)
    cards = [item for item in screen.phone.inbox() if item.line_no == one.line_no]
    waiting = {member.group for item in cards for member in (*item.members, *item.earlier) if member.n == one.outcome.n} - {WHOLE}
    taken = intent.values.keys() - waiting if intent is not None and waiting else set()
    if not taken:
        return ""
    named = [", ".join(_field(screen, group) for group in sorted(groups)) for groups in (taken, waiting)]
    return f" ({screen.words('partly', taken=named[0], waiting=named[1])})"


def _field(screen: Screen, group: str) -> str:
    """A field group as people call it."""
    return screen.words.known(group.removeprefix(EXTRA_PREFIX))


@click.command("status")
@click.pass_obj
def status(screen: Screen) -> None:
    """Show the user of this phone, the waiting entries, and how far the sync came."""
    phone, words = screen.phone, screen.words
    tokens, seat = phone.session.tokens(), phone.seat()
    position, head = phone.reached()
    facts = {
        "who": f"{tokens.name} ({words.known(tokens.role.name)})" if tokens is not None else words("nobody"),
        "server": phone.session.url() or "-",
        "network": words("offline" if phone.offline else "online"),
        "line": str(seat.line_no or "-"),
        "records": str(len(phone.views(Customer))),
        "waiting": str(phone.waiting()),
        "to_decide": str(len(phone.open_items())),
        "reached": f"{position:,} / {head:,}",
    }
    screen.table(("", ""), ((words(name), value) for name, value in facts.items()))
    if tokens is None:
        screen.say("not_signed_in")


COMMANDS: Final = (login, logout, offline, online, sync, status)
