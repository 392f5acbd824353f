"""What the terminal says of cards and of entries that wait, English and Chinese side by side."""

from collections.abc import Mapping
from typing import Final

TEXTS_CARDS: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "own_elsewhere": ("you, on another phone", "您，在另一台手机上"),
    "own_change": ("You changed this on another phone", "您已在另一台手机上修改"),
    "stands": ("stands", "现为"),
    "rest_taken": ("whatever else was entered with this was taken", "同一录入的其余内容已生效"),
    "partly": ("of this entry taken: {taken}; waiting: {waiting}", "此录入中已生效：{taken}；等待决定：{waiting}"),
    "pooled": ("A pooled customer", "公海客户"),
}
