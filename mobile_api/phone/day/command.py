"""`outrider demo`: seed, serve, play the offline day, report, and stay up."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address

import click

from mobile_api.phone.day import demo, furnishing, network, report
from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.day_clock import DayClock, simulated
from mobile_api.phone.day.handset import DayFailedError
from mobile_api.phone.day.house import SERVE, House
from mobile_api.phone.day.words import Words
from server.settings import SettingsError
from shared_schema.problem import Problem


@click.command("demo")
@click.option("--once", is_flag=True, help="End after the day.")
@click.option("--lan", metavar="1|ADDRESS", help="Let phones of this network in by HTTPS, at this machine's address.")
@click.option("--json", "as_json", is_flag=True, help="Tell the result as one JSON object on the last line.")
@click.option("--verbose", is_flag=True, help="Tell every entry.")
@click.option("--server-module", hidden=True, help="Serve with another program, which may do wrong on purpose.")
def command(once: bool, lan: str | None, as_json: bool, verbose: bool, server_module: str | None) -> None:
    """Play a rep's offline day against a real server, and look at the result."""
    words = Words(os.environ.get("LC_ALL") or os.environ.get("LANG", ""))
    for asked_to_end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked_to_end, signal.default_int_handler)
    try:
        address = network.address_of(lan) if lan else None
        where = demo.place(os.environ)
        click.echo(words("seeding"), err=True)
        launcher = ("-m", server_module, "serve") if server_module else SERVE
        with simulated() as clock, _served(where, clock, launcher, lan=address is not None) as (house, told), suppress(KeyboardInterrupt):
            if house.port != house.wanted_port:
                click.echo(words("port", wanted=house.wanted_port, port=house.port), err=True)
            click.echo(words("playing"), err=True)
            result = demo.play(house, told, clock)
            if not once:
                clock.catch_up()
                furnishing.furnish(house.url, told)
            out = report.console(words)
            if verbose:
                report.details(out, words, result)
            report.show(out, words, result, where)
            report.next_steps(out, words, house.url, where, told)
            report.apps(out, words, house.url, {} if once or lan else demo.codes(house.url, told))
            _end(words, house, result.as_json() if as_json else "", once=once)
            if not once:
                with _let_in(address, house, where, words):
                    house.wait()
                raise click.ClickException(words("server_gone", log=where.log))
    except (DayFailedError, SettingsError, Problem) as error:
        raise click.ClickException(words("failed", why=error)) from None
    if not result.well:
        sys.exit(1)


@contextmanager
def _served(where: demo.Place, clock: DayClock, launcher: Sequence[str], *, lan: bool) -> Iterator[tuple[House, Accounts]]:
    """The organisation, and its server while the block runs; both go by this clock."""
    told = demo.prepare(where, clock)
    with demo.serving(where, launcher, lan=lan, clock=clock) as house:
        yield house, told


@contextmanager
def _let_in(address: IPv4Address | None, house: House, where: demo.Place, words: Words) -> Iterator[None]:
    """Phones of the network may come in while the block runs, if the user asked for it."""
    if address is None:
        yield
        return
    with network.opened(address, house.port, where.log.parent / "authority", words) as steps:
        click.echo(steps)
        sys.stdout.flush()
        yield


def _end(words: Words, house: House, last_line: str, *, once: bool) -> None:
    """The last words."""
    click.echo(words("ended" if once else "stays"))
    if last_line:
        click.echo(last_line)
    sys.stdout.flush()
