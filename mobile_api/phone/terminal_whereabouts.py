"""The terminal command about whereabouts: whether visits may bear the user's position. It needs no network."""

from collections.abc import Mapping
from typing import Final

import click
from msgspec.structs import asdict, replace

from geo.whereabouts import coarse
from mobile_api.phone.screen import Screen
from shared_schema.places import Precision
from shared_schema.records.activity import Visit
from shared_schema.records.inbox import Value
from shared_schema.records.reference import VISIT_DAYS_MOST, Organisation
from shared_schema.records.whereabouts import ASKED_IN, Consent, ConsentAnswer
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.device import Edit

ANSWERS: Final = [answer.name for answer in ConsentAnswer if answer]


@click.command("whereabouts")
@click.argument("answer", required=False, type=click.Choice(ANSWERS))
@click.pass_obj
def whereabouts(screen: Screen, answer: str | None) -> None:
    """Show whether your visits may bear your position, and what for; or answer yes or no."""
    if answer is None:
        _ask(screen)
    else:
        _answer(screen, ConsentAnswer[answer])
    screen.say(f"whereabouts_{_answered(screen).name}")


def _ask(screen: Screen) -> None:
    """The question, for how long the place is kept, and who sees it."""
    screen.say("whereabouts_asked")
    organisation = next(iter(screen.phone.views(Organisation)), None)
    if organisation is None:
        screen.say("whereabouts_kept_at_most", days=VISIT_DAYS_MOST)
    else:
        screen.say("whereabouts_kept_days", days=organisation.visit_days)
    screen.say("whereabouts_terms")


def _answer(screen: Screen, answer: ConsentAnswer) -> None:
    user_id, entity = screen.phone.seat().user_id, BY_RECORD[Consent]
    said: dict[str, Value] = {"answer": int(answer), "asked_in": ASKED_IN}
    known = screen.phone.view(Consent, user_id)
    if known is None:
        screen.enter([Edit(Kind.create, entity, user_id, {"user_id": user_id, **said})])
    elif (known.answer, known.asked_in) != (answer, ASKED_IN):
        screen.enter([Edit(Kind.patch, entity, user_id, said)])


def _answered(screen: Screen) -> ConsentAnswer:
    known = screen.phone.view(Consent, screen.phone.seat().user_id)
    return known.answer if known is not None else ConsentAnswer.unknown


def allowed(screen: Screen, measured: Mapping[str, Value]) -> dict[str, Value]:
    """What of a measured place leaves the phone: nothing after a no (D-472), and no more than the organisation wants to know (D-473)."""
    answer = _answered(screen)
    if answer is ConsentAnswer.no:
        screen.say("whereabouts_kept")
        return {}
    if answer is ConsentAnswer.unknown:  # what a person types by hand is told; the question comes with it (D-471)
        _ask(screen)
        screen.say("whereabouts_unknown")
    organisation = next(iter(screen.phone.views(Organisation)), None)
    if organisation is None or organisation.visit_precision is not Precision.square:
        return dict(measured)
    rounded = asdict(coarse(replace(Visit(bytes(16), 0, bytes(16), 0), **measured)))
    return {slot: rounded[slot] for slot in measured}


COMMANDS: Final = (whereabouts,)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "whereabouts_asked": (
        "May your visits bear your position? It is taken at check-in and check-out alone, to show that you were there.",
        "拜访时可以记录您的位置吗？只在签到和签退时获取，用来证明您到过客户处，其余时间绝不获取。",
    ),
    "whereabouts_kept_days": (
        "After {days} days the server deletes where you were; the visit and its verdict stay.",
        "服务器在 {days} 天后删除您到过哪里；拜访本身和核实结论保留。",
    ),
    "whereabouts_kept_at_most": (
        "After the days that your organisation sets, {days} at most, the server deletes where you were; the visit and its verdict stay.",
        "服务器会在组织设定的天数（最多 {days} 天）后删除您到过哪里；拜访本身和核实结论保留。",
    ),
    "whereabouts_terms": (
        "Your managers and the followers of the customer see it. Without it a visit is unverified; that counts against nobody.",
        "您的上级和跟进该客户的同事可以看到。不提供位置时，拜访记为“未核实”，不会对您不利；您可以随时更改。",
    ),
    "whereabouts_unknown": (
        "You have not answered yet. Next: outrider device whereabouts yes, or no",
        "您尚未答复。下一步：outrider device whereabouts yes 或 no",
    ),
    "whereabouts_yes": ("You agree: your visits bear your position.", "您已同意：拜访会记录您的位置。"),
    "whereabouts_no": ("You said no: your visits bear no position.", "您已拒绝：拜访不记录您的位置。"),
    "whereabouts_kept": ("The position stays on this phone: you said no.", "位置留在本机：您已拒绝提供。"),
}
HELP: Final[Mapping[str, str]] = {
    "Show whether your visits may bear your position, and what for; or answer yes or no.": (
        "查看拜访是否记录您的位置及用途；或用 yes、no 答复。"
    )
}
