"""Canonical msgpack, a mutation's bytes and a quote's content as a stranger writes them from docs/protocol.md (P-720 to P-724).

It imports nothing of Outrider: what it knows of records it reads from the page's entity table and from OpenAPI, as any app may.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any


def packed(value: Any) -> bytes:
    """P-720: the one way to write a value."""
    if value is None or isinstance(value, bool):
        return bytes([{None: 0xC0, False: 0xC2, True: 0xC3}[value]])
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, str):
        raw = value.encode("utf-8")
        return _head(len(raw), (0xA0, 32), (0xD9, 0xDA, 0xDB)) + raw
    if isinstance(value, bytes):
        return _head(len(value), (0, 0), (0xC4, 0xC5, 0xC6)) + value
    if isinstance(value, Mapping):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-8"))
        return _head(len(members), (0x80, 16), (None, 0xDE, 0xDF)) + b"".join(packed(key) + packed(part) for key, part in members)
    return _head(len(value), (0x90, 16), (None, 0xDC, 0xDD)) + b"".join(map(packed, value))


def _integer(value: int) -> bytes:
    if -32 <= value < 128:
        return value.to_bytes(1, "big", signed=value < 0)
    for power, unsigned, signed in ((0, 0xCC, 0xD0), (1, 0xCD, 0xD1), (2, 0xCE, 0xD2), (3, 0xCF, 0xD3)):
        bits = 8 << power
        if 0 <= value < 2**bits or -(2 ** (bits - 1)) <= value < 0:
            return bytes([signed if value < 0 else unsigned]) + value.to_bytes(bits // 8, "big", signed=value < 0)
    raise ValueError(value)


def _head(length: int, short: tuple[int, int], heads: Sequence[int | None]) -> bytes:
    """The shortest head: in one byte below `short[1]`, then with a length of 1, 2 or 4 bytes."""
    if length < short[1]:
        return bytes([short[0] | length])
    size, head = next((size, head) for size, head in zip((1, 2, 4), heads, strict=True) if head is not None and length < 256**size)
    return bytes([head]) + length.to_bytes(size, "big")


class Knowledge:
    """What an app knows of records: `schemas` of OpenAPI, and of the page's entity table the slots that people enter, by entity."""

    def __init__(self, schemas: Mapping[str, Any], entered: Mapping[str, Sequence[str]]) -> None:
        self.schemas = schemas
        self.entered = entered

    def raw(self, value: Any, schema: Mapping[str, Any]) -> Any:
        """JSON as it stands on msgpack: what the schema calls uuid or base64url as bytes, a tagged element as an array (P-721, P-722)."""
        schema = self.schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        kinds = schema.get("anyOf", [schema])
        if isinstance(value, str):
            return _bytes(value, kinds)
        if isinstance(value, list):
            return [self.raw(part, schema["items"]) for part in value]
        if not isinstance(value, Mapping):
            return value
        of = schema.get("properties", {})
        turned = {name: self.raw(part, of.get(name, schema.get("additionalProperties"))) for name, part in value.items()}
        return [turned[name] for name in ("element", "line_no", "n")] if turned.keys() == {"element", "line_no", "n"} else turned

    def mutation(self, named: Mapping[str, Any], body: str) -> bytes:
        """The bytes of a mutation on JSON (P-721). `body`: the schema of its body."""
        group = [named["group"][name] for name in ("first_n", "index", "count")]
        slots = [named["n"], group, named["kind"], named["entity"], bytes.fromhex(named["id"].replace("-", ""))]
        return packed([*slots, named["bases"], self.raw(named["body"], {"$ref": body}), named["device_ms"]])

    def content(self, quote: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> bytes:
        """What is hashed of a quote and its lines (P-724)."""
        ordered = sorted(lines, key=lambda line: (line["position"].encode("utf-8"), line["id"]))
        return packed([self._kept("Quote", "quote", quote), [self._kept("QuoteLine", "quote_line", line) for line in ordered]])

    def _kept(self, name: str, entity: str, record: Mapping[str, Any]) -> dict[str, Any]:
        of = self.schemas[name]["properties"]
        kept = [slot for slot in self.entered[entity] if "default" not in of[slot] or record[slot] != of[slot]["default"]]
        return {slot: self.raw(record[slot], of[slot]) for slot in ("id", *kept)}


def _bytes(text: str, kinds: Sequence[Mapping[str, Any]]) -> str | bytes:
    if any(kind.get("format") == "uuid" for kind in kinds):
        return bytes.fromhex(text.replace("-", ""))
    if any(kind.get("contentEncoding") == "base64url" for kind in kinds):
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return text
