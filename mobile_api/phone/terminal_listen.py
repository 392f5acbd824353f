"""Terminal command that stays: listen, which syncs whenever the server has a hint."""

import time
from typing import Final

import click

from mobile_api.phone.listen import Told, listen
from mobile_api.phone.screen import Screen
from mobile_api.phone.terminal_session import tell


@click.command("listen")
@click.pass_obj
def command(screen: Screen) -> None:
    """Stay, and sync whenever something is new, until Ctrl-C."""

    def broke(why: Exception, wait_s: float) -> None:
        screen.say("no_answer", why=why, seconds=f"{wait_s:.0f}")

    screen.say("listening")
    try:
        listen(screen.phone, Told(lambda report: tell(screen, report), broke, time.sleep))
    except KeyboardInterrupt:
        screen.say("listened", waiting=screen.phone.waiting())


COMMANDS: Final = (command,)
