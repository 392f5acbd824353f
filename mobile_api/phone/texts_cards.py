"""The terminal's texts about cards, entries that wait, what tiers give and customers that may fall, English and Chinese side by side."""

from collections.abc import Mapping
from typing import Final

TEXTS_CARDS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "own_elsewhere": ("you, on another phone", "你，在另一台手机上"),
    "own_change": ("You changed this on another phone", "你已在另一台手机上修改"),
    "stands": ("stands", "现为"),
    "rest_taken": ("everything else that was entered with this was taken", "同一录入的其余内容已生效"),
    "partly": ("of this entry taken: {taken}; waiting: {waiting}", "此录入中已生效：{taken}；等待决定：{waiting}"),
    "taken_back": ("Taken back, it was never sent: {what} ({waiting} waiting).", "已撤回，从未发送：{what}（还有 {waiting} 条等待）。"),
    "no_unsent": ("Nothing waits here that could be taken back.", "本机没有可以撤回的待发送录入。"),
    "sent_already": (
        "The newest entry was sent already and may have arrived. Next: outrider device sync, then undo CUSTOMER",
        "最近的录入已发送，可能已到达。下一步：outrider device sync，然后 undo 客户",
    ),
    "pooled": ("A pooled customer", "公海客户"),
    "falls": ("falls into the pool", "退回公海"),
    "benefits": ("what the tier gives", "等级权益"),
    "benefits_told": ("{tier}: discount up to {percent} %, contact by {day}", "{tier}：折扣最高 {percent}%，最晚 {day} 联系"),
    "tier_policy": ("tier policy", "等级政策"),
    "discounts_bps": ("discount", "折扣"),
    "payment_days": ("payment", "账期"),
    "credit_limits_minor": ("credit limit", "信用额度"),
    "delivery_priorities": ("delivery", "交货"),
    "contact_days": ("contact", "联系"),
    "held_days": ("days until reclaimed", "回收天数"),
    "ticket_hours": ("service", "售后"),
    "call_priorities": ("calls", "来电"),
    "days_left": ("{days} d, {day}", "还剩 {days} 天，{day}"),
    "any_hour": ("at any hour", "随时"),
    "kept_locked": ("locked until {when}", "已锁定至 {when}"),
    "kept_extended": ("extended until {when}", "已延期至 {when}"),
    "kept_quote": ("a quote awaits its decision", "报价等待审批"),
    "kept_by_contact": ("a contact or a visit keeps it until {day}", "联系或拜访一次，可保留到 {day}"),
    "kept_by_visit": ("a visit that the server finds at the customer keeps it until {day}", "经核实的拜访可保留到 {day}"),
    "kept_by_nothing": ("no contact and no visit moves this day", "联系和拜访不会推迟这一天"),
    "judged_later": ("your visit counts after the server has judged it", "你的拜访由服务器核实后生效"),
}
