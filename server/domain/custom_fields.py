"""Custom fields: an organisation's own typed fields, judged by their definitions (D-4xx)."""

from collections.abc import Mapping

from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import FieldDefinition, FieldKind
from shared_schema.scalars import EXTRA_KEYS_MAX
from sync.state import State

TEXT_LENGTH_MAX = 1_000
DAY_MAX = 200_000
Extra = Mapping[str, str | int]


def judge(state: State, entity: Entity, before: Extra, after: Extra) -> None:
    """Judge the values that differ from those that stood; a stored value is never judged again.

    Raises Problem(custom_field_unknown | custom_field_type) with field `extra.<key>`, Problem(rule_broken) with field `extra`.
    """
    if len(after) > EXTRA_KEYS_MAX:
        raise Problem(Code.rule_broken, f"at most {EXTRA_KEYS_MAX} custom fields on one record", field=EXTRA)
    for key, value in after.items():
        if before.get(key) != value:
            _judge_one(state.definitions.get((entity.number, key)), key, value)


def _judge_one(definition: FieldDefinition | None, key: str, value: str | int) -> None:
    field = EXTRA_PREFIX + key
    if definition is None:
        raise Problem(Code.custom_field_unknown, "your organisation defines no such field", field=field)
    if not _fits(definition, value):
        raise Problem(Code.custom_field_type, f"the value is no {definition.kind.name} of this field", field=field)


def _fits(definition: FieldDefinition, value: str | int) -> bool:
    match definition.kind:
        case FieldKind.text:
            return isinstance(value, str) and len(value) <= TEXT_LENGTH_MAX
        case FieldKind.number:
            return _whole(value)
        case FieldKind.choice:
            return isinstance(value, str) and value in definition.choices
        case FieldKind.date:
            return _whole(value) and 0 <= int(value) <= DAY_MAX
    return False


def _whole(value: str | int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
