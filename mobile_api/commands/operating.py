"""An operator's work on the database of the settings; each refusal says what happened, what that means and what to do next."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NoReturn, TypeVar

import click

from mobile_api.phone.terminal import language
from mobile_api.phone.words import Texts, Words
from server import settings
from server.database import Database, Unavailable, open_database
from server.database.failures import illness
from server.store import schema
from shared_schema.problem import Code, Problem

T = TypeVar("T")
Refused = Mapping[tuple[Code, str | None], str]
"""(code, field) → the text that says it to an operator; a field None stands for any."""
TEXTS: Final[Texts] = {
    "no_organisation": (
        (
            "There is no organisation “{organisation}” here, so nothing was read or changed. "
            "Next: type the name with which its users sign in, and see which database OUTRIDER_DATABASE_URL names."
        ),
        "此处没有组织“{organisation}”，未读取也未修改任何内容。下一步：填写用户登录时使用的组织名，并检查 OUTRIDER_DATABASE_URL。",
    ),
    "no_account": (
        (
            "The organisation has no account “{account}”, so nothing was read or changed. "
            "Next: type the account as the user signs in; a user who was erased has none."
        ),
        "该组织没有账号“{account}”，未读取也未修改任何内容。下一步：填写用户登录时使用的账号；已永久删除的用户没有账号。",
    ),
    "no_contact": (
        (
            "The organisation has no contact {contact}, so nothing was read or changed. "
            "Next: look at the id again, or do it at the desk: the customer, the contact, “Rights of persons”."
        ),
        "该组织没有联系人 {contact}，未读取也未修改任何内容。下一步：核对编号，或在管理台操作：客户、联系人、“联系人权利”。",
    ),
    "active": (
        (
            "“{account}” is active, so nobody was erased. Next: hand over what the user holds and end the user at the desk, "
            "under People; then type this again."
        ),
        "“{account}” 仍在使用账号，没有删除任何人。下一步：在管理台的“人员”中移交其客户并停用账号，然后重新输入。",
    ),
    "other_name": (
        "The person bears another name, so nobody was erased. Next: type the name as it stands at the desk.",
        "姓名不一致，没有删除任何人。下一步：照管理台上显示的姓名输入。",
    ),
    "file_there": (
        "{file} is there already: it was not touched, and nothing was written. Next: name another file.",
        "{file} 已存在，未改动，也未写入任何内容。下一步：换一个文件名。",
    ),
    "file_closed": (
        "{file} cannot be written ({why}), so nothing of the person left the database. Next: name a file in a folder that is yours.",
        "无法写入 {file}（{why}），没有导出任何内容。下一步：换一个您有权写入的文件夹。",
    ),
    "one_of_two": (
        "Nobody was named, or two were. Next: say --account (a user) or --contact (of a customer), one of the two.",
        "没有指明是谁，或指明了两个人。下一步：--account（用户）和 --contact（客户联系人）二选一。",
    ),
    "no_id": (
        "“{contact}” is no id, so nothing was read or changed. Next: type one such as 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b.",
        "“{contact}” 不是编号，未读取也未修改任何内容。下一步：填写形如 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b 的编号。",
    ),
    "days_wrong": (
        "{days} days are not from {least} to {most}, so nothing was changed. Next: type a number of days between them.",
        "{days} 天不在 {least} 至 {most} 天之间，未修改任何内容。下一步：填写此范围内的天数。",
    ),
    "other_tables": (
        "The database has not the tables of this program, so nothing was read or changed. Next: outrider migrate",
        "数据库中没有本程序版本的表，未读取也未修改任何内容。下一步：outrider migrate",
    ),
    "away": (
        (
            "The database does not answer, or cannot be used now; perhaps nothing was done. "
            "Next: outrider doctor says why; then type this again."
        ),
        "数据库没有响应或暂时无法使用，操作可能未完成。下一步：用 outrider doctor 查明原因，然后重新输入。",
    ),
}


def refuse(name: str, **facts: object) -> NoReturn:
    """End the command with a text in the reader's language."""
    raise click.ClickException(Words(language(), texts=TEXTS)(name, **facts))


def run(work: Callable[[Database], Awaitable[T]], refused: Refused, *, new: bool = False, **facts: object) -> T:
    """Run against the database of the settings, an empty one with new tables if `new`. `refused`: problems that have a text of their own;
    `facts`: what was typed, for these texts."""
    try:
        url = settings.load(os.environ).database_url
        return asyncio.run(_opened(url, work, new=new))
    except settings.SettingsError as error:
        raise click.ClickException(str(error)) from None
    except Unavailable:
        refuse("away")
    except Problem as problem:
        name = refused.get((problem.code, problem.field)) or refused.get((problem.code, None))
        if name is None:
            raise click.ClickException(str(problem)) from None
        refuse(name, **facts)
    except Exception as error:
        if illness(error) is None:
            raise
        refuse("away")


async def _opened(url: str, work: Callable[[Database], Awaitable[T]], *, new: bool) -> T:
    found = await schema.current(url)
    if found is None and new:
        await schema.migrate(url)
    elif found != schema.head():
        refuse("other_tables")
    database = open_database(url)
    try:
        return await work(database)
    finally:
        await database.close()
