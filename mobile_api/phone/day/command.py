"""`outrider demo`: seed, serve, play the offline day, report, and stay up."""

import os
import signal
import sys
from contextlib import suppress

import click

from mobile_api.phone.day import demo, report
from mobile_api.phone.day.handset import DayFailedError
from mobile_api.phone.day.house import SERVE, House
from mobile_api.phone.day.words import Words
from server.settings import SettingsError
from shared_schema.problem import Problem


@click.command("demo")
@click.option("--once", is_flag=True, help="End after the day.")
@click.option("--json", "as_json", is_flag=True, help="Tell the result as one JSON object on the last line.")
@click.option("--verbose", is_flag=True, help="Tell every entry.")
@click.option("--server-module", hidden=True, help="Serve with another program, which may do wrong on purpose.")
def command(once: bool, as_json: bool, verbose: bool, server_module: str | None) -> None:
    """Play a rep's offline day against a real server, and look at the result."""
    words = Words(os.environ.get("LC_ALL") or os.environ.get("LANG", ""))
    for asked_to_end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked_to_end, signal.default_int_handler)
    try:
        where = demo.place(os.environ)
        click.echo(words("seeding"), err=True)
        told = demo.prepare(where)
        with demo.serving(where, ("-m", server_module, "serve") if server_module else SERVE) as house, suppress(KeyboardInterrupt):
            if house.port != house.wanted_port:
                click.echo(words("port", wanted=house.wanted_port, port=house.port), err=True)
            click.echo(words("playing"), err=True)
            result = demo.play(house.url, told)
            out = report.console(words)
            if verbose:
                report.details(out, words, result)
            report.show(out, words, result, where)
            report.next_steps(out, words, house.url, where, told)
            _end(words, house, result.as_json() if as_json else "", once=once)
            if not once:
                house.wait()
                raise click.ClickException(words("server_gone", log=where.log))
    except (DayFailedError, SettingsError, Problem) as error:
        raise click.ClickException(words("failed", why=error)) from None
    if result.verdict.lost or not result.verdict.converged:
        sys.exit(1)


def _end(words: Words, house: House, last_line: str, *, once: bool) -> None:
    """The last words."""
    click.echo(words("ended" if once else "stays"))
    if last_line:
        click.echo(last_line)
    sys.stdout.flush()
