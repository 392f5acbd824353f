"""Terminal commands about the people at a customer: a new one, and what changes of one. None needs the network."""

from collections.abc import Mapping
from typing import Final

import click

from mobile_api.phone.measures import UnclearError
from mobile_api.phone.screen import Screen, one
from mobile_api.phone.terminal_fields import birthday, contact_changed
from shared_schema.records.customer import Contact
from shared_schema.records.inbox import Value
from shared_schema.registry import BY_RECORD
from shared_schema.wire import Kind
from sync.device import Edit


@click.command("new-contact")
@click.argument("customer")
@click.argument("name")
@click.option("--title", default="", help="The person's job.")
@click.option("--phone", default="")
@click.option("--email", default="")
@click.option("--note", default="")
@click.option("--birthday", "born", default="", metavar="DATE", help="1985-03-12, 03-12, 'lunar 08-15' or 'lunar leap 06-01'.")
@click.pass_obj
def new_contact(screen: Screen, /, customer: str, name: str, born: str, **texts: str) -> None:
    """Enter a person called NAME at a CUSTOMER."""
    found = screen.reached(customer)
    values: dict[str, Value] = {"customer_id": found.id, "name": name.strip(), **texts, "birthday": birthday(born)}
    screen.enter([screen.create(Contact, values)])
    screen.entered("contact_entered")


@click.command("edit-contact")
@click.argument("customer")
@click.argument("person")
@click.option("--set", "settings", multiple=True, required=True, metavar="FIELD=VALUE", help="A field, or extra.KEY.")
@click.pass_obj
def edit_contact(screen: Screen, customer: str, person: str, settings: tuple[str, ...]) -> None:
    """Change fields of a PERSON at a CUSTOMER."""
    found = screen.reached(customer)
    if not person.strip():
        raise UnclearError("none_found", text=person, listing="show CUSTOMER")
    people = [each for each in screen.phone.views(Contact) if each.customer_id == found.id]
    known = one(people, person, lambda each: [each.name], "show CUSTOMER")
    screen.enter([Edit(Kind.patch, BY_RECORD[Contact], known.id, contact_changed(screen, settings))])
    screen.entered("edit")


COMMANDS: Final = (new_contact, edit_contact)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "contact_entered": ("The person", "联系人"),
    "born": ("birthday {day}", "生日 {day}"),
    "birth_lunar": ("lunar {day}", "农历 {day}"),
    "birth_leap": ("lunar leap {day}", "农历闰月 {day}"),
    "bad_birthday": (
        "“{text}” is no birthday. Next: 1985-03-12, or 03-12 without the year; 'lunar 08-15' or 'lunar leap 06-01' by the lunar calendar",
        "“{text}”不是生日。请写 1985-03-12，年份不详写 03-12；农历写 '农历 08-15' 或 '农历闰月 06-01'",
    ),
}
HELP: Final[Mapping[str, str]] = {
    "Enter a person called NAME at a CUSTOMER.": "为客户（CUSTOMER）录入一位联系人，姓名为 NAME。",
    "The person's job.": "联系人的职务。",
    "1985-03-12, 03-12, 'lunar 08-15' or 'lunar leap 06-01'.": "1985-03-12、03-12、'农历 08-15' 或 '农历闰月 06-01'。",
    "Change fields of a PERSON at a CUSTOMER.": "修改客户（CUSTOMER）的联系人（PERSON）的字段。",
    "A field, or extra.KEY.": "字段，或 extra.字段键。",
}
