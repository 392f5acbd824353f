"""Exports: JSON Schema of the JSON twin, derived from the very structs that cross the wire."""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Raw, Struct

from shared_schema.policy import Policy
from shared_schema.registry import COMMANDS, ENTITIES
from shared_schema.scalars import Id
from shared_schema.twin import ID_PATTERN, is_id, union_members, unwrap
from shared_schema.wire import Mutation, Outcome, Row, ScopePage, SyncAnswer, SyncRequest

JsonId = Annotated[str, Meta(pattern=ID_PATTERN, extra_json_schema={"format": "uuid"})]
JsonBytes = Annotated[str, Meta(extra_json_schema={"contentEncoding": "base64url"})]


class Schemas:
    """JSON Schemas of the twins of `types`; `template` such as `#/components/schemas/{name}` says where they will live."""

    def __init__(self, types: Iterable[Any], template: str) -> None:
        wanted = [twin_hint(type_) for type_ in (*types, *record_types(), *body_types(), Id)]
        references, components = msgspec.json.schema_components(wanted, ref_template=template)
        # Through JSON once, because defaults come as tuples and enums.
        self.components: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(components))
        self._references = {repr(type_): reference for type_, reference in zip(wanted, references, strict=True)}
        self._open(Mutation, [*map(self.reference, body_types()), {"type": "null"}])
        self._open(Row, [*map(self.reference, record_types()), self.reference(Id)])

    def reference(self, type_: Any) -> dict[str, Any]:
        """The schema of one of the types given at the start."""
        return self._references[repr(twin_hint(type_))]

    def _open(self, struct: type[Struct], bodies: list[dict[str, Any]]) -> None:
        """Export the bodies of a mutation or a row: structs without a tag, which a type cannot express."""
        schema = self.components.get(struct.__name__)
        if schema is not None:
            schema["properties"]["body"] = {"anyOf": bodies}


def record_types() -> tuple[type[Struct], ...]:
    """Every record that syncs."""
    return tuple(entity.record for entity in ENTITIES)


def body_types() -> tuple[Any, ...]:
    """Everything that may be the body of a mutation."""
    bodies: list[Any] = []
    for entity in ENTITIES:
        bodies += [entity.create_type] if entity.policy is not Policy.server else []
        bodies += [entity.patch_type] if entity.policy is Policy.register else []
    return (*bodies, *COMMANDS)


def twin_hint(hint: Any) -> Any:
    """The type of the JSON twin of a type: named maps, uuid and base64url text."""
    plain, marks = unwrap(hint)
    if plain is bytes:
        return JsonId if is_id(marks) else JsonBytes
    turned = _turned(plain)
    metas = tuple(mark for mark in marks if isinstance(mark, Meta))
    return Annotated[(turned, *metas)] if metas else turned


def _turned(plain: Any) -> Any:
    if isinstance(plain, type) and issubclass(plain, Struct):
        return twin_struct(plain)
    origin, arguments = get_origin(plain), get_args(plain)
    if union_members(plain):
        return _union(arguments)
    if origin in (list, tuple, dict):
        return origin[tuple(argument if argument is ... else twin_hint(argument) for argument in arguments)]
    return plain


def _union(arguments: tuple[Any, ...]) -> Any:
    turned = twin_hint(arguments[0])
    for argument in arguments[1:]:
        turned = turned | twin_hint(argument)
    return turned


@cache
def twin_struct(struct: type[Struct]) -> type[Struct]:
    """A struct of the same name and fields whose JSON Schema is that of the twin."""
    hints = {**get_type_hints(struct, include_extras=True), **_RAW.get(struct, {})}
    config = struct.__struct_config__
    turned = msgspec.defstruct(
        struct.__name__,
        [_field(field, hints[field.name]) for field in msgspec.structs.fields(struct)],
        tag_field=config.tag_field,
        tag=config.tag,
        forbid_unknown_fields=config.forbid_unknown_fields,
        kw_only=True,
    )
    turned.__doc__ = struct.__doc__
    return turned


def _field(field: msgspec.structs.FieldInfo, hint: Any) -> tuple[Any, ...]:
    turned = Any if hint is Raw else twin_hint(hint)
    if field.required:
        return field.name, turned
    if field.default is msgspec.NODEFAULT:
        return field.name, turned, msgspec.field(default_factory=field.default_factory)
    return field.name, turned, field.default


# the type of a raw slot's content: spliced bytes on msgpack are opened in the twin.
_RAW: Final[dict[type[Struct], dict[str, Any]]] = {
    SyncRequest: {"mutations": list[Mutation]},
    SyncAnswer: {"outcomes": list[Outcome]},
    ScopePage: {"rows": list[Row]},
}
