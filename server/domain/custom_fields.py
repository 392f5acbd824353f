"""Custom fields: an organisation's own typed fields, judged by their definitions (D-4xx)."""

from collections.abc import Iterable, Mapping
from typing import Final

from server.domain.feature import Feature, Listing, Table
from server.domain.needs import Asking, DeskNeed, Every, InTurn
from shared_schema.entity import EXTRA, EXTRA_PREFIX, Entity
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import FieldDefinition, FieldDefinitionRequest, FieldKind
from shared_schema.registry import BY_NUMBER
from shared_schema.scalars import EXTRA_KEYS_MAX
from shared_schema.text import searched
from sync.state import State

TEXT_LENGTH_MAX = 1_000
DAY_MAX = 200_000
FIXED = ("entity", "key", "kind")
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


# the definitions


def define(state: State, definition: FieldDefinition) -> tuple[FieldDefinition]:
    """Judge a custom field; all of the organisation are loaded. Raises Problem(rule_broken | fixed_field)."""
    same_key = state.definitions.get((definition.entity, definition.key))
    entity = BY_NUMBER.get(definition.entity)
    if entity is None or not entity.has_extra:
        raise Problem(Code.rule_broken, "this entity has no custom fields", field="entity")
    if definition.kind is FieldKind.unknown:
        raise Problem(Code.rule_broken, "a custom field needs a kind", field="kind")
    if (definition.kind is FieldKind.choice) != bool(definition.choices):
        raise Problem(Code.rule_broken, "a field of kind choice has choices, a field of another kind has none", field="choices")
    if len({searched(one) for one in definition.choices} - {""}) != len(definition.choices):
        raise Problem(Code.rule_broken, "each choice has letters, and stands once in the list whatever its case", field="choices")
    if same_key is not None and same_key.id != definition.id:
        raise Problem(Code.rule_broken, "this entity already has a field of that key", field="key")
    _keeps_type(definition, state.find(FieldDefinition, definition.id))
    return (definition,)


def _keeps_type(definition: FieldDefinition, before: FieldDefinition | None) -> None:
    for slot in FIXED if before is not None else ():
        if getattr(definition, slot) != getattr(before, slot):
            raise Problem(Code.fixed_field, "values of the old type are in use; define another key", field=slot)


def all_fields(_asking: Asking, _asked: FieldDefinitionRequest) -> Iterable[DeskNeed]:
    """All custom fields: of two definitions of one key at once the second sees the first."""
    yield InTurn("field_definitions")
    yield Every(FieldDefinition)


DEFINITIONS: Final = Table(
    FieldDefinition, FieldDefinitionRequest, "Define a custom field, or change its labels and choices.", wants=all_fields, judge=define
)
FEATURE: Final = Feature(lists=(Listing(FieldDefinition, "List the custom fields."),), tables=(DEFINITIONS,))
