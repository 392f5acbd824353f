"""The terminal's texts about cards and entries that wait, English and Chinese side by side."""

from collections.abc import Mapping
from typing import Final

TEXTS_CARDS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "own_elsewhere": ("you, on another phone", "您，在另一台手机上"),
    "own_change": ("You changed this on another phone", "您已在另一台手机上修改"),
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
}
