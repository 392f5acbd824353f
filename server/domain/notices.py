"""Every kind of notice with its words: those of the features, and those of the inbox, which is the engine's own."""

from typing import Final

from server.domain.features import FEATURES
from shared_schema.notices import Language, Texts, Words

INBOX: Final[Texts] = {
    "tried": {
        Language.en: Words("A push arrived", "The operator of {actor} tries whether pushes arrive.", "A push arrived: this is a test"),
        Language.zh: Words("推送已到达", "{actor} 的管理员正在测试推送能否到达。", "推送测试：已到达"),
    },
    "parked": {
        Language.en: Words(
            "Your decision is needed", "Your edit of {record} met a newer one and waits for your decision.", "Your decision is needed"
        ),
        Language.zh: Words("需要你来决定", "你对“{record}”的修改与更新的内容冲突，正等待你决定。", "有事项需要你来决定"),
    },
    "handed": {
        Language.en: Words(
            "A decision came up to you", "An edit of {record} waits for you to decide in its author's place.", "A decision came up to you"
        ),
        Language.zh: Words("有事项上报给你", "对“{record}”的修改已上报，请你代为决定。", "有事项上报给你决定"),
    },
}
NOTICES: Final[Texts] = {**INBOX, **{kind: words for one in FEATURES for kind, words in one.notices.items()}}
