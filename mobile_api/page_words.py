"""The page's words for the codes of the protocol, made from the same tables as the terminal's: `/static/words.js`."""

import json
from collections.abc import Mapping
from typing import Final

from mobile_api.phone.terminal import TEXTS
from mobile_api.titles import TITLES
from shared_schema.policy import Lane
from shared_schema.records.inbox import ItemState
from shared_schema.registry import ENTITIES
from shared_schema.wire import Result

_ENUMS: Final = {
    slot: {int(value): TEXTS[value.name] for value in enum}
    for entity in reversed(ENTITIES)
    if entity.lane is not Lane.reference
    for slot, enum in entity.enums.items()
    if slot != "state"
}
_PARTS: Final[Mapping[str, object]] = {
    "ENTITIES": {entity.number: entity.name for entity in ENTITIES},
    "STATES": {int(state): state.name for state in ItemState},
    "RESULTS": {int(result): result.name for result in Result},
    "TITLES": {code.word: both for code, both in TITLES.items()},
    "ENUMS": _ENUMS,
    "WORDS": {name: both for name, both in TEXTS.items() if "{" not in both[0]},
}
WORDS_JS: Final = "".join(f"export const {name} = {json.dumps(part, ensure_ascii=False)};\n" for name, part in _PARTS.items()).encode()
