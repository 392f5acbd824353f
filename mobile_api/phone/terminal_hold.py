"""Terminal commands about holds of pooled customers: take one, list those that you have, end one. All but the list need the network."""

from collections.abc import Mapping
from typing import Final

import click

from mobile_api.phone.measures import place, time_text
from mobile_api.phone.screen import Screen, one, short
from shared_schema.places import Datum
from shared_schema.records.hold import HOURS_MAX, PoolHold, TakeHold
from shared_schema.records.pool import Pool, PoolCard
from shared_schema.twin import id_text


@click.command("hold")
@click.argument("customer", required=False)
@click.option("--hours", type=click.IntRange(1, HOURS_MAX), default=8, show_default=True, help="How long: 1 to 24 hours.")
@click.option("--at", "at", metavar="LAT,LON", help="Where you are (WGS-84): some pools are held from nearby alone.")
@click.option("--end", "ends", is_flag=True, help="End your hold of the customer.")
@click.pass_obj
def hold(screen: Screen, customer: str | None, hours: int, at: str | None, *, ends: bool) -> None:
    """Hold a pooled CUSTOMER for some hours, so that your claim is certain; without a name list your holds. Needs the network."""
    if customer is None:
        _list(screen)
        return
    card = one(screen.phone.views(PoolCard), customer, lambda each: [each.name or ""], "pool")
    if ends:
        for held in (each for each in _own(screen) if each.customer_id == card.id):
            screen.ask(f"/v1/pool-holds/{id_text(held.id)}/end", {}, PoolHold)
        screen.say("hold_ended")
        return
    here = place(at) if at is not None else None
    where = (here.latitude_e6, here.longitude_e6, Datum.wgs84) if here is not None else ()
    asked = TakeHold(card.id, screen.phone.new_id(), card.epoch, hours, *where)
    body = {name: getattr(asked, name) for name in asked.__struct_fields__ if name != "customer_id"}
    given = screen.ask(f"/v1/pool-cards/{id_text(card.id)}/hold", body, PoolHold)
    screen.say("hold_taken", when=time_text(given.until_ms))


def _list(screen: Screen) -> None:
    held = sorted(_own(screen), key=lambda each: (each.until_ms, each.id))
    if not held:
        screen.say("no_holds")
        return
    screen.table(("", "customer", "pool", "held_until_ms"), (_row(screen, each) for each in held))


def _own(screen: Screen) -> list[PoolHold]:
    """A manager's phone has those of the reports too."""
    return [each for each in screen.phone.views(PoolHold) if each.holder_id == screen.phone.seat().user_id]


def _row(screen: Screen, held: PoolHold) -> list[str]:
    pool = screen.phone.view(Pool, held.pool_id)
    return [
        short(held.customer_id),
        held.customer_name or screen.words("hidden_name"),
        pool.name if pool is not None else "",
        time_text(held.until_ms),
    ]


COMMANDS: Final = (hold,)
TEXTS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "no_holds": (
        "You hold no pooled customer. Next: outrider device hold CUSTOMER --hours 8",
        "你没有预留的公海客户。下一步：outrider device hold 客户 --hours 8",
    ),
    "hold_taken": (
        "Held for you until {when}. A claim that reaches the server before is certain. Next: outrider device sync",
        "已为你预留至 {when}。在此之前到达服务器的领取一定成功。下一步：outrider device sync",
    ),
    "hold_ended": ("Your hold is over. Next: outrider device sync", "你的预留已结束。下一步：outrider device sync"),
    "held_for": ("held by {name} until {when}", "已由{name}预留至 {when}"),
    "held_for_you": ("held for you until {when}", "已为你预留至 {when}"),
    "pool_hold": ("hold of a pooled customer", "公海客户预留"),
    "held_by": ("held by", "预留人"),
    "held_until_ms": ("held until", "预留至"),
    "taken_ms": ("taken", "预留时间"),
    "ends_ms": ("ends", "到期时间"),
    "ended_ms": ("ended", "结束时间"),
    "ended_by": ("ended by", "结束人"),
    "live": ("holds", "预留中"),
    "claimed": ("claimed", "已领取"),
    "given_up": ("ended by the holder", "预留人已取消"),
    "expired": ("over", "已到期"),
    "ended_by_desk": ("ended by the desk", "管理端已结束"),
}
HELP: Final[Mapping[str, str]] = {
    "Hold a pooled CUSTOMER for some hours, so that your claim is certain; without a name list your holds. Needs the network.": (
        "预留公海客户（CUSTOMER）若干小时，使领取一定成功；不写客户则列出你的预留。需要联网。"
    ),
    "How long: 1 to 24 hours.": "预留时长：1 至 24 小时。",
    "Where you are (WGS-84): some pools are held from nearby alone.": "你的位置（WGS-84）：有些公海只能在附近预留。",
    "End your hold of the customer.": "结束对该客户的预留。",
}
