"""Terminal commands about teams: notes to a department, and how far one has come with them. None needs the network."""

from collections.abc import Mapping
from typing import Final

import click

from mobile_api.phone.measures import UnclearError, time_text
from mobile_api.phone.screen import Screen, one, short
from shared_schema.records.inbox import Value
from shared_schema.records.reference import Department
from shared_schema.records.team import GiveReceipt, Receipt, ReceiptLevel, TeamNote
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.device import Edit

LEVELS: Final = [level.name for level in ReceiptLevel if level]


@click.command("notes")
@click.pass_obj
def notes(screen: Screen) -> None:
    """List the notes of your teams, and how far each reader has come with them."""
    found = sorted(screen.phone.views(TeamNote), key=lambda note: (note.device_ms, note.id))
    if not found:
        screen.say("no_notes")
        return
    receipts = screen.phone.views(Receipt)
    for note in found:
        team = screen.phone.view(Department, note.department_id)
        author = screen.person(note.author_id or screen.phone.seat().user_id)
        amends = f"  ({screen.words('amends', note=short(note.amends_id))})" if note.amends_id is not None else ""
        where = team.name if team is not None else "-"
        click.echo(f"{where} · {author}  {time_text(note.device_ms)}  {short(note.id)}{amends}{screen.waits(note)}")
        click.echo(f"     {note.text}")
        for receipt in (each for each in receipts if each.note_id == note.id):
            click.echo(f"     {screen.person(receipt.user_id)}: {screen.words.known(receipt.level.name)}")


@click.command("note")
@click.argument("department")
@click.argument("text")
@click.option("--amends", metavar="NOTE", help="The earlier note that this one corrects.")
@click.pass_obj
def note(screen: Screen, department: str, text: str, amends: str | None) -> None:
    """Tell a DEPARTMENT, and everybody below it, a TEXT."""
    team = one(screen.phone.views(Department), department, lambda each: [each.name], "notes")
    values: dict[str, Value] = {"department_id": team.id, "device_ms": screen.phone.clock(), "text": text}
    if amends is not None:
        values["amends_id"] = _note(screen, amends).id
    screen.enter([screen.create(TeamNote, values)])
    screen.entered("team_note")


@click.command("receipt")
@click.argument("note")
@click.argument("level", type=click.Choice(LEVELS))
@click.pass_obj
def receipt(screen: Screen, note: str, level: str) -> None:
    """Say how far you have come with a NOTE: part of its text, or its #id."""
    found = _note(screen, note)
    command = ENCODER.encode(GiveReceipt(ReceiptLevel[level]))
    screen.enter([Edit(Kind.command, BY_RECORD[TeamNote], found.id, command=command)])
    screen.entered("receipt")


def _note(screen: Screen, text: str) -> TeamNote:
    if not text.strip():
        raise UnclearError("none_found", text=text, listing="notes")
    return one(screen.phone.views(TeamNote), text, lambda each: [each.text], "notes")


COMMANDS: Final = (notes, note, receipt)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "no_notes": ("There are no team notes on this phone.", "本机没有团队通知。"),
    "amends": ("corrects {note}", "更正 {note}"),
    "team_note": ("The note", "团队通知"),
    "receipt": ("The receipt", "回执"),
    "delivered": ("delivered", "已送达"),
    "read": ("read", "已读"),
    "acknowledged": ("acknowledged", "已确认"),
    "do_receipt": ("give a receipt", "发出回执"),
}
HELP: Final[Mapping[str, str]] = {
    "List the notes of your teams, and how far each reader has come with them.": "列出团队通知及其阅读进度。",
    "Tell a DEPARTMENT, and everybody below it, a TEXT.": "向部门（DEPARTMENT）及其下级发送通知。",
    "The earlier note that this one corrects.": "被本通知更正的通知。",
    "Say how far you have come with a NOTE: part of its text, or its #id.": "说明通知（NOTE，文字一部分或 #编号）的进度。",
}
