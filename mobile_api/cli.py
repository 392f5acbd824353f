"""`outrider`: the one command. Each sub-command's module is loaded by name when it is called, so that none pays for the others."""

from importlib import import_module
from typing import Final

import click

SUBCOMMANDS: Final = {
    "demo": ("mobile_api.phone.day.command", "Play a rep's offline day against a real server, and look at the result."),
    "device": ("mobile_api.phone.terminal", "Be a phone: visit, quote, edit, go offline, sync, decide."),
    "serve": ("mobile_api.commands.serve", "Serve phones and desks."),
    "migrate": ("mobile_api.commands.migrate", "Make or change the tables of the database."),
    "backup": ("mobile_api.commands.backup", "Write everything into one file, while the server runs."),
    "restore": ("mobile_api.commands.restore", "Load a backup, from either kind of database into either."),
    "doctor": ("mobile_api.commands.doctor", "Say what a server stands on, and what is wrong with it."),
    "import": ("mobile_api.commands.imports", "Take customers, contacts, users, prices … over from a file."),
    "schema": ("mobile_api.commands.schema", "Write the record schema as TypeScript, for the client and other apps."),
    "worker": ("mobile_api.commands.worker", "Send pushes and run the jobs, in a process of their own."),
    "notify": ("mobile_api.commands.notify", "Send a push to a user, to try whether it arrives."),
    "push": ("mobile_api.commands.push", "Make the keys for push to browsers."),
    "person": ("mobile_api.commands.person", "Write down all that is held about a person; erase a person for good."),
    "admin": (
        "mobile_api.commands.admin",
        "Make an organisation with its first admin; reset a password; set a zone, or the days of places.",
    ),
}
"""Name → (module whose `command` it is, one line of help)."""


class Subcommands(click.Group):
    """A group whose members are imported when they are used, and not to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        command: click.Command = import_module(SUBCOMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in SUBCOMMANDS.items()])


@click.group(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="outrider", prog_name="outrider")
def main() -> None:
    """Outrider: field sales that works offline; phones meet on the server and nothing is lost."""
