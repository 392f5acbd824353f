"""The robot of an organisation: an admin says where it is, how it is signed, and who is who in its group."""

from collections.abc import Collection
from typing import Final

import msgspec
import sqlalchemy as sa

from notifications.robot import kind_of
from server.domain.tokens import Claims
from server.services import actors
from server.store import robots
from server.store.identity import Row
from shared_schema.problem import Code, Problem
from shared_schema.rest import RobotRequest, RobotTold

MENTIONS: Final = msgspec.msgpack.Decoder(dict[bytes, str])


def save(conn: sa.Connection, claims: Claims, asked: RobotRequest, services: Collection[str], now_ms: int) -> RobotTold:
    """Make this the organisation's robot. A secret that is left out stays, while the address is the same.

    `services`: hosts that the operator added. Raises Problem(forbidden | target_refused).
    """
    org_id = actors.entitled(conn, claims, now_ms, "PUT /v1/desk/robot").org_id
    if kind_of(asked.url, services) is None:
        raise Problem(Code.target_refused, "this is no address of a robot of WeCom, DingTalk or Feishu", field="url")
    known = robots.find(conn, org_id)
    kept = known.secret if known is not None and known.url == asked.url else ""
    mentions = {bytes(one.user_id): one.mention for one in asked.mentions}
    secret = kept if asked.secret is None else asked.secret
    robots.put(conn, org_id, {"url": asked.url, "secret": secret, "mentions": msgspec.msgpack.encode(mentions), "since_ms": now_ms})
    return _told(robots.find(conn, org_id), services)


def told(conn: sa.Connection, claims: Claims, services: Collection[str], now_ms: int) -> RobotTold:
    """The robot as an admin sees it: no address and no secret, for either lets anybody post. Raises Problem(forbidden)."""
    return _told(robots.find(conn, actors.entitled(conn, claims, now_ms, "GET /v1/desk/robot").org_id), services)


def _told(found: Row | None, services: Collection[str]) -> RobotTold:
    if found is None:
        return RobotTold(kind="", signed=False, mentions=0, since_ms=None)
    kind = kind_of(found.url, services)
    return RobotTold(
        kind=kind.value if kind is not None else "unknown",
        signed=bool(found.secret),
        mentions=len(MENTIONS.decode(found.mentions)),
        since_ms=found.since_ms,
    )


def drop(conn: sa.Connection, claims: Claims, now_ms: int) -> None:
    """The organisation has no robot any more. Raises Problem(forbidden)."""
    robots.drop(conn, actors.entitled(conn, claims, now_ms, "DELETE /v1/desk/robot").org_id)
