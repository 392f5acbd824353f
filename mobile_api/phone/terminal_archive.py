"""What the terminal says of a customer that is archived: who took it out of work, why, and how it comes back (D-164 to D-167)."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from mobile_api.phone.measures import time_text
from mobile_api.phone.phone import Phone
from shared_schema.records.archival import Archival, ArchivalState
from shared_schema.records.notification import Notification, NotificationState
from shared_schema.records.reference import Person, Role


class Archived(NamedTuple):
    """A customer that this phone knows to be archived: by its record, or by the notice alone."""

    id: bytes
    name: str
    by: str
    at_ms: int
    reason: str


def archived(phone: Phone) -> list[Archived]:
    """The archived customers of which the phone knows; a collaborator has the notice alone."""
    told = {one.id: one for one in (*_by_notices(phone), *_by_records(phone))}
    return [told[customer_id] for customer_id in sorted(told)]


def facts(phone: Phone, one: Archived) -> dict[str, str]:
    """What the sentence `archived_customer` mentions. `next`: the name of the sentence with the next step."""
    person = phone.view(Person, phone.seat().user_id)
    leads = person is not None and person.role is not Role.rep
    told = {"name": one.name, "by": one.by, "when": time_text(one.at_ms), "reason": one.reason}
    return {**told, "next": "bring_back" if leads else "ask_back"}


def _by_records(phone: Phone) -> Iterable[Archived]:
    for one in phone.views(Archival):
        if one.state is ArchivalState.archived:
            person = phone.view(Person, one.by_id)
            yield Archived(one.customer_id, one.customer_name, person.name if person is not None else "", one.archived_ms, one.reason)


def _by_notices(phone: Phone) -> Iterable[Archived]:
    for one in phone.views(Notification):
        if one.kind == "archived" and one.subject_id is not None and one.state is not NotificationState.done:
            yield Archived(one.subject_id, one.facts["customer"], one.facts["actor"], one.made_ms, one.facts["reason"])


COMMANDS: Final = ()
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "archived_customer": (
        "{name} was archived by {by} on {when}: nobody follows it up. Reason: {reason}. Nothing you entered is lost. Next: {next}",
        "{name} 已由 {by} 于 {when} 归档，暂无人跟进。原因：{reason}。你录入的内容均已保留。下一步：{next}",
    ),
    "ask_back": ("ask {by} or a manager above to bring it back", "请 {by} 或上级经理恢复此客户"),
    "bring_back": ("bring it back at the desk under Customers, Archived", "在管理端“客户 · 已归档”中恢复"),
}
HELP: Final[Mapping[str, str]] = {}
