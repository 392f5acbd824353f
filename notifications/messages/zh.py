"""Notices in Chinese: kind → (title, body)."""

from collections.abc import Mapping
from typing import Final

from notifications.kinds import NoticeKind

TEXTS: Final[Mapping[NoticeKind, tuple[str, str]]] = {
    NoticeKind.assigned: ("新客户：{customer}", "{actor}已将客户“{customer}”分配给您。"),
    NoticeKind.unassigned: ("客户已转出：{customer}", "客户“{customer}”已不再由您负责，原因：{reason}。您录入的内容均已保留。"),
    NoticeKind.parked: ("需要您来决定", "您对“{record}”的修改与更新的内容冲突，正等待您决定。"),
    NoticeKind.quote_approved: ("报价 {number} 已批准", "您给“{customer}”的报价 {number} 已批准。意见：{note}"),
    NoticeKind.quote_rejected: ("报价 {number} 未获批准", "您给“{customer}”的报价 {number} 被驳回。意见：{note}"),
    NoticeKind.quote_returned: ("报价 {number} 已退回", "您给“{customer}”的报价 {number} 被退回，请修改后重新提交。意见：{note}"),
    NoticeKind.handed: ("有事项上报给您", "对“{record}”的修改已上报，请您代为决定。"),
    NoticeKind.released: (
        "客户已退回公海：{customer}",
        "客户“{customer}”已退回公海“{pool}”，不再由您负责，原因：{reason}。您录入的内容均已保留。",
    ),
}
