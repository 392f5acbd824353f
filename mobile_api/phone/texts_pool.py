"""What the terminal says about pools and late words, English and Chinese side by side."""

from collections.abc import Mapping
from typing import Final

TEXTS_POOL: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "no_cards": (
        "No pooled customer in the {count} tiles (of about 20 km) on this phone. Next: outrider device pool --around LAT,LON, then sync",
        "本机的 {count} 个区块（每块约 20 公里）内没有公海客户。下一步：outrider device pool --around 纬度,经度，然后同步",
    ),
    "tile_kept": (
        "Pooled customers around there come with the next sync. Next: outrider device sync",
        "下次同步时将收到该处附近的公海客户。下一步：outrider device sync",
    ),
    "hidden_name": ("(name hidden)", "（名称已隐藏）"),
    "industry": ("industry", "行业"),
    "pool": ("pool", "公海"),
    "about": ("about", "大致位置"),
    "claim": ("The claim", "领取申请"),
    "release": ("The release", "释放"),
    "no_late": ("No former holder of your customers has entered anything late.", "您的客户没有前任跟进人的迟到录入。"),
    "late_by": ("{customer} {id}: {name} entered late: {values} [{state}]", "{customer} {id}：{name} 的迟到录入：{values} [{state}]"),
    "settle": ("Your decision", "您的决定"),
    "taken": ("taken over", "已采纳"),
    "declined": ("declined", "已拒绝"),
    "returned": ("came back to its author", "已归还原作者"),
}
