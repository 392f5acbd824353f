"""The report of the day: one screen, at most forty-four lines of at most a hundred columns, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.demo import Place, Result
from mobile_api.phone.day.entries import Slots
from mobile_api.phone.day.people import BY_LOGIN, MANAGER, ORGANISATION, TRIED
from mobile_api.phone.day.places import DISTRICTS, PER_CITY, POOLED
from mobile_api.phone.day.pooling import NEW
from mobile_api.phone.day.stage import DUPLICATE, RESULTS, Scene
from mobile_api.phone.day.words import Words
from mobile_api.phone.words import program
from shared_schema.problem import Code
from shared_schema.titles import title

COLUMNS: Final = 100
LOST_SHOWN: Final = 3
KB: Final = 1_024
PEOPLE: Final = ("one", "other", "manager")


def console(words: Words) -> Console:
    """Where the report goes: never wider than a hundred columns, plain when nobody looks."""
    wide = Console(highlight=False, soft_wrap=False)
    return Console(width=min(COLUMNS, max(80, wide.width)) if wide.is_terminal else COLUMNS, highlight=False)


def show(out: Console, words: Words, result: Result, where: Place) -> None:
    """The events, the oracle's verdict, and the losses of other systems."""
    _header(out, words, where, result)
    out.print(_table(words, result))
    for scene in result.scenes:
        mark = Text("✓ ", "green") if scene.true else Text("✗ ", "bold red")
        out.print(mark + _sentence(words, scene), no_wrap=True, overflow="ellipsis")
    _sums(out, words, result)
    _oracle(out, words, result)
    told = result.comparison
    out.print(words("comparison", arrival=told.last_arrival, clock=told.latest_clock))


def _header(out: Console, words: Words, where: Place, result: Result) -> None:
    kind = "sqlite" if where.settings.database_url.startswith("sqlite") else "postgresql"
    database = words(kind, workers=where.settings.workers)
    pooled = sum(POOLED.values()) + len(NEW)
    out.rule(Text(words("title", seconds=f"{result.seconds:.1f}"), "bold"))
    out.print(words("where", phones=len(result.by_phone), customers=len(DISTRICTS) * PER_CITY, pooled=pooled, database=database))


def _table(words: Words, result: Result) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, show_edge=False)
    table.add_column(words("phone"))
    columns = ("sent", *RESULTS, DUPLICATE)
    names = {"sent": "entered", DUPLICATE: "repeated"}
    for column in columns:
        table.add_column(words(names.get(column, column)), justify="right")
    for login, counts in result.by_phone.items():
        one = BY_LOGIN[login]
        city = one.city if words.language == "zh" else ""
        table.add_row(f"{one.called(words.language)} {city}", *(str(counts[column]) if counts[column] else "·" for column in columns))
    total = {**result.sums, "sent": result.mutations}
    table.add_row(words("all"), *(str(total[column]) for column in columns), style="bold")
    return table


def _sums(out: Console, words: Words, result: Result) -> None:
    """What went over the lines."""
    sums, pushed = result.sums, result.pushed
    told = {"mutations": result.mutations, "duplicates": sums[DUPLICATE], "up": sums["bytes_up"] // KB, "down": sums["bytes_down"] // KB}
    sentence = words("sums", **told, pushed=pushed.arrived, lost=pushed.lost, vain=pushed.irrelevant)
    out.print(Text(sentence, "bold red" if pushed.lost or pushed.irrelevant else ""))


def _sentence(words: Words, scene: Scene) -> Text:
    facts = {name: _person(words, value) if name in PEOPLE else value for name, value in scene.facts.items()}
    return Text(words(f"scene_{scene.name}", words=title(Code.server_owned, words.language), **facts))


def _person(words: Words, login: str) -> str:
    return BY_LOGIN[login].called(words.language) if login in BY_LOGIN else ""


def _oracle(out: Console, words: Words, result: Result) -> None:
    verdict, phones, values = result.verdict, len(result.by_phone), len(result.entries)
    if not verdict.lost and verdict.converged:
        out.print(Text(words("oracle_well", values=values, phones=phones), "bold green"))
        return
    out.print(Text(words("oracle_lost", values=values, phones=phones, lost=len(verdict.lost), apart=len(verdict.differences)), "bold red"))
    for entry in verdict.lost[:LOST_SHOWN]:
        named = words("lost_value", who=_person(words, entry.phone), entity=entry.entity, group=entry.group, values=_plain(entry.values))
        out.print(Text("  " + named), no_wrap=True, overflow="ellipsis")
    for sentence in verdict.differences[: max(0, LOST_SHOWN - len(verdict.lost))]:
        out.print(Text("  " + sentence), no_wrap=True, overflow="ellipsis")


def _plain(values: Slots) -> str:
    return ", ".join(f"{slot}={value}" for slot, value in values.items())


def details(out: Console, words: Words, result: Result) -> None:
    """Every entry of the day, for --verbose."""
    for entry in result.entries:
        line = f"{entry.number:4} {_person(words, entry.phone)}  {entry.kind} {entry.entity} {entry.group}  {_plain(entry.values)}"
        out.print(Text(line), no_wrap=True, overflow="ellipsis")


def next_steps(out: Console, words: Words, url: str, where: Place, told: Accounts) -> None:
    """Three commands to type."""
    out.print(words("next", who=_person(words, TRIED), password=told.passwords[TRIED], path=where.accounts), soft_wrap=True)
    for command in _commands(url):
        out.print(Text(" " + command, "cyan"), soft_wrap=True)


def apps(out: Console, words: Words, url: str, codes: Mapping[str, str]) -> None:
    """The addresses of the two apps. `codes`: account → one-time code, which signs in by one touch; none where others could read along."""
    out.print(words("apps_once" if codes else "apps"))
    for app, login in (("app", TRIED), ("desk", MANAGER.login)):
        fragment = f"#{urlencode({'organisation': ORGANISATION, 'code': codes[login]})}" if login in codes else ""
        out.print(Text(f" {url}/{app}/{fragment} ({login})", "cyan"), soft_wrap=True)


def _commands(url: str) -> Iterable[str]:
    # The address is always named: the phone's file may remember another one.
    yield f"{program()} device login --url {url} --organisation {ORGANISATION} --account {TRIED}"
    yield f"{program()} device sync"
    yield f"{program()} device inbox"
