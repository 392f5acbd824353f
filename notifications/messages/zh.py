"""Notices in Chinese: kind → (title, body)."""

from collections.abc import Mapping
from typing import Final

from notifications.kinds import NoticeKind

TEXTS: Final[Mapping[NoticeKind, tuple[str, str]]] = {
    NoticeKind.assigned: ("新客户：{customer}", "{actor}已将客户“{customer}”分配给您。"),
    NoticeKind.unassigned: ("客户已转出：{customer}", "客户“{customer}”已不再由您负责，原因：{reason}。您录入的内容均已保留。"),
    NoticeKind.parked: ("需要您来决定", "您对“{record}”的修改与更新的内容冲突，正等待您决定。"),
}
