"""How the phone's terminal speaks: one language; a refusal as the event, its meaning, the next step."""

import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mobile_api.phone.texts import TEXTS as COMMON
from mobile_api.phone.texts_cards import TEXTS_CARDS
from mobile_api.phone.texts_entry import TEXTS_ENTRY
from mobile_api.phone.texts_named import TEXTS_NAMED
from shared_schema.problem import CODES, Code, Problem, Remedy
from shared_schema.titles import title

PROGRAM: Final = "outrider"
DEVICE: Final = f"{PROGRAM} device"
"""The command's name in the sentences; a sentence that is shown names it as the reader can type it."""
_NAMED: Final = re.compile(f"{DEVICE}( --file)?")
Texts = Mapping[str, tuple[str, str]]
"""Name → English, Chinese."""
TEXTS: Final[Texts] = {**TEXTS_NAMED, **TEXTS_CARDS, **TEXTS_ENTRY, **COMMON}
"""Texts that belong to no one noun; a noun's own words stand with its commands."""
DEFAULT_FILE: Final = "phone.db"
TECHNICAL: Final = (Code.field_wrong, Code.text_unclean)
"""Refusals whose detail is for the author of the app."""
REMEDIES: Final[Mapping[Remedy, tuple[str, str]]] = {
    Remedy.drop: ("It is not taken, and sending it again changes nothing.", "未被接受，重发也不会改变。"),
    Remedy.retry: ("Nothing is lost. Next: the same again a little later.", "没有丢失任何内容。下一步：稍后重试。"),
    Remedy.resync: ("Somebody was quicker. Next: sync, look, decide again.", "他人已先行操作。下一步：同步、查看、再决定。"),
    Remedy.refresh: (
        "Nothing was taken. Next: the same again; the phone renews its sign-in.",
        "未被接受。下一步：重试，手机会自动续期登录。",
    ),
    Remedy.sign_in: (
        "Data and waiting entries stay on this phone. Next: outrider device login",
        "本机数据和待发送内容均保留。下一步：outrider device login",
    ),
    Remedy.upgrade: ("Entries can still be sent. Next: install a newer app.", "仍可发送录入。下一步：安装新版应用。"),
    Remedy.fix: ("Next: correct it and enter it again.", "下一步：更正后重新录入。"),
}


def program() -> str:
    """The command `outrider` as it can be typed where the reader stands."""
    called = Path(sys.argv[0])
    if called.name != PROGRAM or shutil.which(PROGRAM) == str(called):
        return PROGRAM
    return shlex.quote(str(called.relative_to(Path.cwd()) if called.is_relative_to(Path.cwd()) else called))


def device(file: Path) -> str:
    """`outrider device` for the phone in `file`, as it can be typed where the reader stands."""
    return f"{program()} device" + ("" if str(file) == DEFAULT_FILE else f" --file {shlex.quote(str(file))}")


class Words:
    """The words of one language: Chinese for any `zh…`, English otherwise. `command`: what to type for this phone."""

    def __init__(self, language: str, command: str = DEVICE, texts: Texts = TEXTS) -> None:
        self.language = "zh" if language.lower().startswith("zh") else "en"
        self._column = int(self.language == "zh")
        self._command = command
        self._texts = texts

    def __call__(self, name: str, /, **facts: object) -> str:
        return self._typed(self._texts[name][self._column]).format(**facts)

    def _typed(self, text: str) -> str:
        """A sentence that names another file names this phone's no more."""
        command = self._command.replace("{", "{{").replace("}", "}}")
        return _NAMED.sub(lambda found: f"{program()} device --file" if found[1] else command, text)

    def known(self, name: str) -> str:
        """The word for a name that may be a custom field's or a newer server's."""
        return self._texts[name][self._column] if name in self._texts else name

    def title(self, code: str) -> str:
        """The meaning of a problem code."""
        return title(CODES[code], self.language) if code in CODES else code

    def refusal(self, problem: Problem) -> str:
        """The event, its meaning, the next step."""
        what = title(problem.code, self.language)
        field = f" [{problem.field}]" if problem.field else ""
        told = problem.detail if problem.code not in TECHNICAL and problem.detail.casefold() != what.casefold() else ""
        detail = f" ({told})" if told else ""
        return f"{what}{field}{detail}. {self._typed(REMEDIES[problem.code.remedy][self._column]).format()}"
