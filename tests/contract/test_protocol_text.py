"""docs/protocol.md says what the code does: its examples decode, its tables equal the code, its rules are those that tests cite."""

from collections.abc import Mapping
from enum import IntEnum, IntFlag
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

import msgspec
import pytest

from mobile_api.problems import described
from shared_schema import places, policy, records, rest, twin, wire
from shared_schema.entity import Entity
from shared_schema.policy import Fixed, Group, InTile, OfAll, OfFamily, OfTeam, OfUsers, Policy, Set
from shared_schema.problem import CODES, Code, Problem
from shared_schema.registry import ENTITIES
from shared_schema.titles import TITLES
from shared_schema.wire import ENCODER, Mutation, Outcome, Row, SyncAnswer, SyncRequest
from sync.fold import WAITS
from tests.contract.documents import DOCS, ROOT, Example, cited_rules, codes, examples, table, written_rules

TEXT: Final = (DOCS / "protocol.md").read_text("utf-8")
STORY: Final = DOCS / "life-of-a-sync.md"
NOUNS: Final = tuple(import_module(f"{records.__name__}.{one.name}") for one in iter_modules(records.__path__))
MODULES: Final = (wire, policy, places, *NOUNS, rest)
NAMES: Final[Mapping[str, Any]] = {name: getattr(module, name) for module in MODULES for name in vars(module)}
TAGGED: Final = [*examples(TEXT), *(examples(STORY.read_text("utf-8")) if STORY.exists() else [])]


def raw(example: Example) -> bytes:
    return bytes.fromhex("".join(example.text.split()))


def inner(value: object) -> list[object]:
    """The typed parts that stand as raw bytes inside an envelope."""
    if isinstance(value, SyncRequest):
        return [msgspec.msgpack.decode(one, type=Mutation) for one in value.mutations]
    if isinstance(value, SyncAnswer):
        rows = [row for page in value.pages for row in msgspec.msgpack.decode(page.rows, type=list[Row])]
        return [*(msgspec.msgpack.decode(one, type=Outcome) for one in value.outcomes), *rows]
    if isinstance(value, Row) and value.reason == 0:
        entity = next(entity for entity in ENTITIES if entity.number == value.entity)
        return [entity.body_decoder.decode(value.body)]
    return []


@pytest.mark.parametrize("example", [one for one in TAGGED if one.form == "msgpack-hex"], ids=lambda one: one.struct)
def test_an_example_on_msgpack_decodes_and_comes_back(example: Example) -> None:
    value = msgspec.msgpack.decode(raw(example), type=NAMES[example.struct])
    assert ENCODER.encode(value) == raw(example)
    for part in inner(value):
        inner(part)


@pytest.mark.parametrize("example", [one for one in TAGGED if one.form == "json"], ids=lambda one: one.struct)
def test_an_example_on_json_says_what_the_twin_says(example: Example) -> None:
    """P-702: where the same struct stands on msgpack just before, both say the same."""
    text = example.text.strip().encode()
    at = TAGGED.index(example)
    before = TAGGED[at - 1] if at and TAGGED[at - 1].struct == example.struct else None
    if example.struct == "SyncRequest":
        assert before is not None
        assert ENCODER.encode(twin.sync_request_from_json(text)) == raw(before)
    elif example.struct == "SyncAnswer":
        assert before is not None
        assert twin.sync_answer_to_json(wire.ANSWER_DECODER.decode(raw(before))) == text.replace(b"\n", b"")
    elif example.struct == "Mutation":
        assert before is not None
        envelope = b'{"protocol":1,"schema":1,"app":"","cursor":"","acked_n":0,"device_ms":0,"mutations":[%s]}'
        assert [bytes(one) for one in twin.sync_request_from_json(envelope % text).mutations] == [raw(before)]
    elif example.struct == "Problem":
        told = msgspec.json.decode(text)
        assert list(described(Problem(CODES[told["code"]], told["detail"]), "en").items()) == list(told.items())
    else:
        said = twin.from_json(text, NAMES[example.struct])
        assert twin.to_json(said) == text.replace(b"\n", b"")
        assert before is None or ENCODER.encode(said) == raw(before)


def test_both_forms_are_shown() -> None:
    assert {"Mutation", "SyncRequest", "Outcome", "SyncAnswer", "Row"} <= {one.struct for one in TAGGED if one.form == "msgpack-hex"}
    assert {"SyncRequest", "SyncAnswer"} <= {one.struct for one in TAGGED if one.form == "json"}


def test_the_problem_table_is_the_enum() -> None:
    said = [(codes(code)[0], int(status), *words) for code, status, *words in table(TEXT, "### Problems")]
    assert said == [(code.word, code.status, code.remedy.value, *TITLES[code]) for code in Code]


def marked(entity: Entity, slot: str) -> str:
    """A slot as the table writes it."""
    role = entity.roles[slot]
    if isinstance(role, Group):
        return f"{slot}:{role.name}"
    rising = "^" if slot in entity.rising else ""
    return slot + ("+" if isinstance(role, Set) else "=" if isinstance(role, Fixed) else "!") + rising


def held(entity: Entity) -> tuple[str, list[str]]:
    """Who holds the records, as the table writes it: a change of this column changes who is shown what (P-120 to P-129)."""
    match entity.hold:
        case OfFamily(slot=slot):
            return "family", [slot]
        case OfUsers(slots=slots):
            return "users", list(slots)
        case OfTeam(slot=slot):
            return "team", [slot]
        case InTile(pool=pool, tile=tile):
            return "tile", [pool, tile]
        case OfAll():
            return "all", []


def test_the_entity_table_is_the_registry() -> None:
    said = [
        (int(number), name, policy_, lane, (holders.split()[0], codes(holders)), codes(slots))
        for number, name, policy_, lane, holders, slots in table(TEXT, "### Entities")
    ]
    wanted = [(e.number, e.name, e.policy.name, e.lane.name, held(e), [marked(e, slot) for slot in e.slots]) for e in ENTITIES]
    assert said == wanted


def test_the_envelope_table_is_the_structs() -> None:
    """P-701: slots in the order of the arrays."""
    for name, _, slots in table(TEXT, "### Envelopes"):
        struct = NAMES[name]
        assert struct.__struct_config__.array_like
        assert codes(slots) == [field.name if field.required else f"{field.name}=" for field in msgspec.structs.fields(struct)]
    said = {row[0] for row in table(TEXT, "### Envelopes")}
    assert said == {name for name, one in vars(wire).items() if isinstance(one, type) and issubclass(one, msgspec.Struct)} | {"Member"}


def test_the_enum_table_is_the_enums() -> None:
    said = {name: values for name, values, *_ in table(TEXT, "### Enums")}
    known = {name: one for name, one in NAMES.items() if isinstance(one, type) and issubclass(one, int) and hasattr(one, "__members__")}
    wanted = {name: " · ".join(f"{int(value)} {word}" for word, value in one.__members__.items()) for name, one in known.items()}
    assert said == {name: wanted[name] for name in wanted if known[name] not in (IntEnum, IntFlag, Policy)}


def test_the_kind_table_is_the_enum() -> None:
    """P-332."""
    assert [codes(kind)[0] for kind, *_ in table(TEXT, "### Kinds of mutation")] == [kind.name for kind in wire.Kind]


def test_the_command_table_is_the_commands() -> None:
    said = {(noun, codes(name)[0]): codes(fields) for name, noun, fields, _ in table(TEXT, "### Commands")}
    taken = {(entity.name, tag): list(struct.__struct_fields__) for entity in ENTITIES for tag, struct in entity.commands.items()}
    assert said == taken


def test_the_limit_table_is_the_constants() -> None:
    """P-704."""
    rows = table(TEXT, "### Limits")
    assert len(rows) > 10
    for _, value, constant in rows:
        module, _, name = codes(constant)[0].rpartition(".")
        assert int(value.replace(",", "")) == getattr(import_module(module), name), constant


def test_the_codes_that_park_are_those_of_the_fold() -> None:
    """P-508."""
    rule = TEXT.split("- **P-508**", 1)[1].split("\n- ", 1)[0].split("\n\n", 1)[0]
    assert set(codes(rule)) == {code.word for code in WAITS}


def test_every_rule_stands_once_and_in_order() -> None:
    written = written_rules(TEXT)
    assert written == sorted(set(written))


def test_every_rule_has_a_test_and_every_cited_rule_stands() -> None:
    cited = cited_rules(ROOT / "tests")
    written = set(written_rules(TEXT))
    assert not cited - written, f"tests cite rules that do not stand: {sorted(cited - written)}"
    assert not written - cited, f"rules without a test: {sorted(written - cited)}"


def test_code_cites_only_rules_that_stand() -> None:
    folders = ("shared_schema", "sync", "server", "mobile_api")
    cited = set().union(*(cited_rules(ROOT / folder) for folder in folders))
    assert cited <= set(written_rules(TEXT)), cited - set(written_rules(TEXT))
