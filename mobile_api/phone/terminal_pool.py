"""Terminal commands about pools and late entries: the customers to claim nearby, a claim, a release, late entries of former holders."""

from collections.abc import Mapping
from typing import Final

import click

from mobile_api.phone.claimed import remember
from mobile_api.phone.measures import decimal, field_text, place, time_text
from mobile_api.phone.screen import Screen, one, short
from shared_schema.places import Datum, Position
from shared_schema.records.base import Command
from shared_schema.records.contribution import Contribution, ContributionState, Settle
from shared_schema.records.customer import Customer, Release, Standing
from shared_schema.records.pool import Claim, Pool, PoolCard
from shared_schema.registry import BY_RECORD
from shared_schema.wire import ENCODER, Kind
from sync.agreed.holds import held_for
from sync.device import Edit


@click.command("pool")
@click.option("--around", metavar="LAT,LON", help="Keep the pooled customers around this place too.")
@click.pass_obj
def pool(screen: Screen, around: str | None) -> None:
    """List the pooled customers on this phone: customers that you could claim."""
    if around is not None:
        screen.phone.keep_tile(place(around))
        screen.say("tile_kept")
        return
    cards = sorted(screen.phone.views(PoolCard), key=lambda card: (card.name or "", card.id))
    if not cards:
        screen.say("no_cards", count=len(screen.phone.seat().tiles))
        return
    screen.table(("", "customer", "city", "industry", "pool", "about"), (_row(screen, card) for card in cards))


def _row(screen: Screen, card: PoolCard) -> list[str]:
    of = screen.phone.view(Pool, card.pool_id)
    about = (
        "" if card.latitude_e6 is None or card.longitude_e6 is None else f"{decimal(card.latitude_e6, 6)}, {decimal(card.longitude_e6, 6)}"
    )
    name = card.name or screen.words("hidden_name")
    return [
        short(card.id),
        name + screen.waits(card) + _held(screen, card) + _refused(screen, card),
        card.city or "",
        card.industry or "",
        of.name if of is not None else "",
        about,
    ]


def _held(screen: Screen, card: PoolCard) -> str:
    """For whom the customer is held, by this phone's clock."""
    user_id = held_for(card, screen.phone.clock())
    if user_id is None or card.held_until_ms is None:
        return ""
    word = "held_for_you" if user_id == screen.phone.seat().user_id else "held_for"
    return f" ({screen.words(word, name=screen.person(user_id), when=time_text(card.held_until_ms))})"


def _refused(screen: Screen, card: PoolCard) -> str:
    """Why the newest claim of this card was refused, until the rep puts that away or may claim again."""
    items = [item for item in screen.phone.open_items() if item.origin_id is None and any(one.id == card.id for one in item.members)]
    if not items or screen.waits(card):
        return ""
    return f" ({screen.refusal(max(items, key=lambda item: item.created_ms))})"


@click.command("claim")
@click.argument("customer")
@click.option("--at", "at", metavar="LAT,LON", help="Where you are (WGS-84): some pools are claimed from nearby alone.")
@click.pass_obj
def claim(screen: Screen, customer: str, at: str | None) -> None:
    """Claim a pooled CUSTOMER; with the next sync the server says which claim was first."""
    card = one(screen.phone.views(PoolCard), customer, lambda each: [each.name or ""], "pool")
    if card.name is not None:
        remember(screen.phone.shelf, card.id, card.name)
    here = place(at) if at is not None else None
    where = (here.latitude_e6, here.longitude_e6, Datum.wgs84) if here is not None else ()
    _command(screen, PoolCard, card.id, Claim(card.epoch, None, *where))
    screen.entered("claim")


@click.command("release")
@click.argument("customer")
@click.argument("pool")
@click.option("--reason", default="")
@click.pass_obj
def release(screen: Screen, customer: str, pool: str, reason: str) -> None:
    """Give a CUSTOMER of yours to a POOL."""
    found = screen.customer(customer)
    into = one(screen.phone.views(Pool), pool, lambda each: [each.name], "pool")
    standing = screen.phone.view(Standing, found.id)
    if found.wgs_latitude_e6 is not None and found.wgs_longitude_e6 is not None:
        screen.phone.keep_tile(Position(found.wgs_latitude_e6, found.wgs_longitude_e6))  # its card stays in sight
    _command(screen, Standing, found.id, Release(into.id, epoch=standing.epoch if standing is not None else None, reason=reason))
    screen.entered("release")


@click.command("late")
@click.argument("number", required=False)
@click.option("--taken/--declined", "taken", default=None, help="You entered it yourself, or you do not want it.")
@click.pass_obj
def late(screen: Screen, number: str | None, *, taken: bool | None) -> None:
    """List late entries of former holders of your customers; with an #id decide about one."""
    found = screen.phone.views(Contribution)
    if number is not None and taken is not None:
        _command(screen, Contribution, one(found, number, lambda each: [short(each.id)], "late").id, Settle(taken))
        screen.entered("settle")
        return
    waiting = [each for each in found if number is not None or each.state == ContributionState.open]
    if not waiting:
        screen.say("no_late")
    for each in waiting:
        customer = screen.phone.view(Customer, each.customer_id)
        values = ", ".join(f"{slot}: {field_text(slot, value)}" for member in each.members for slot, value in member.mine.items())
        name = customer.name if customer is not None else ""
        state = screen.words.known(each.state.name)
        screen.say("late_by", customer=name, id=short(each.id), name=screen.person(each.author_id), values=values, state=state)


def _command(screen: Screen, record: type[PoolCard | Standing | Contribution], record_id: bytes, command: Command) -> None:
    screen.enter([Edit(Kind.command, BY_RECORD[record], record_id, command=ENCODER.encode(command))])


COMMANDS: Final = (pool, claim, release, late)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "no_cards": (
        "No pooled customer in the {count} tiles (of about 20 km) on this phone. Next: outrider device pool --around LAT,LON, then sync",
        "本机的 {count} 个片区（每片约 20 公里）内没有公海客户。下一步：outrider device pool --around 纬度,经度，然后同步",
    ),
    "tile_kept": (
        "Pooled customers around there come with the next sync. Next: outrider device sync",
        "下次同步时将收到该处附近的公海客户。下一步：outrider device sync",
    ),
    "offered": ("offered to the owner", "已提供给现任负责人"),
    "kept_beneath": ("waits here, and is taken if the customer comes to you", "留在这里，客户转给你后会自动生效"),
    "far": ("{distance} km away", "距离 {distance} 公里"),
    "from_when": ("from {when}", "{when} 起"),
    "hidden_name": ("(name hidden)", "（名称已隐藏）"),
    "industry": ("industry", "行业"),
    "pool": ("pool", "公海"),
    "about": ("about", "大致位置"),
    "claim": ("The claim", "领取申请"),
    "release": ("The release", "释放"),
    "no_late": ("No former holder of your customers has entered anything late.", "你的客户没有前任跟进人的迟到录入。"),
    "late_by": ("{customer} {id}: {name} entered late: {values} [{state}]", "{customer} {id}：{name} 的迟到录入：{values} [{state}]"),
    "settle": ("Your decision", "你的决定"),
    "taken": ("taken over", "已采纳"),
    "declined": ("declined", "已拒绝"),
    "returned": ("came back to its author", "已归还原作者"),
    "contribution": ("late entry", "迟到录入"),
    "pool_card": ("pooled customer", "公海客户"),
    "claim_daily_limit": ("claims a day for each user", "每人每天领取上限"),
    "cool_off_days": ("days until the last owner may claim again", "原负责人冷却期（天）"),
    "newcomer_hold_hours": ("hours until a newcomer may be claimed", "新客户保护期（小时）"),
    "claim_radius_m": ("claimed from within (m)", "领取距离上限（米）"),
    "capacity": ("customers a user may own", "每人客户数上限"),
    "department_capacity": ("customers a department may own", "每部门客户数上限"),
    "regions": ("regions", "大区"),
    "industries": ("industries", "行业"),
    "pool_by_fit": ("into the pool that fits", "按大区和行业匹配公海"),
    "admin_ids": ("who looks after the pool", "公海管理员"),
    "last_owner": ("owner before", "上一位负责人"),
    "last_owned_until_ms": ("owned before until", "上一位负责至"),
    "undisturbed_until_day": ("left alone until", "免打扰至"),
    "retry_at_ms": ("possible from", "可再次提交时间"),
    "do_claim": ("claim the customer", "领取客户"),
    "do_release": ("release the customer", "释放客户"),
    "do_settle": ("decide about a late entry", "处理迟到录入"),
}
HELP: Final[Mapping[str, str]] = {
    "List the pooled customers on this phone: customers that you could claim.": "列出本机公海客户：可以领取的客户。",
    "Keep the pooled customers around this place too.": "也保留此地周围的公海客户。",
    "Claim a pooled CUSTOMER; with the next sync the server says which claim was first.": "领取公海客户；下次同步时服务器告知谁先领到。",
    "Where you are (WGS-84): some pools are claimed from nearby alone.": "你的位置（WGS-84）：有些公海只能在附近领取。",
    "Give a CUSTOMER of yours to a POOL.": "将你的客户释放到公海（POOL）。",
    "List late entries of former holders of your customers; with an #id decide about one.": (
        "列出前负责人迟到的录入；加 #编号 说明处理结果。"
    ),
    "You entered it yourself, or you do not want it.": "你已自行录入，或不需要。",
}
