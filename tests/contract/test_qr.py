"""The desk's QR codes are those of another encoder: every version, every mask, letters of every width."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import segno
from segno import encoder

from tests.contract.documents import ROOT

NODE: Final = os.environ.get("OUTRIDER_NODE") or str(Path(sys.prefix) / "bin" / "node")
SCRIPT: Final = """
import { masked, qr } from "./mobile_api/web/shell/qr.ts";
const made = (text) => [...Array.from({ length: 8 }, (_, mask) => masked(text, mask)), qr(text)];
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(made).map((codes) => codes.map((code) => code.map((row) => row.map(Number))))));
"""
BYTES_OF_VERSION: Final = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)
"""What a code of each version holds at level M (ISO/IEC 18004, table 7)."""
TEXTS: Final = (
    "a",
    "https://销售.example/app/#organisation=alpha&code=K7QX-9FMT",
    *("x" * (length + more) for length in BYTES_OF_VERSION for more in (0, 1) if length + more <= BYTES_OF_VERSION[-1]),
)


def to_the_next_word(bits: bytearray, _version: int, length: int) -> None:
    """Fill a word with zeros. segno 1.6.6 adds eight to one that is whole already, which ISO/IEC 18004 7.4.10 does not say."""
    bits.extend([0] * (-length % 8))


def test_every_code_is_that_of_another_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "write_padding_bits", to_the_next_word)
    told = subprocess.run([NODE, "-e", SCRIPT, json.dumps(TEXTS)], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for text, (*codes, chosen) in zip(TEXTS, json.loads(told), strict=True):
        wanted = [segno.make_qr(text, error="m", mode="byte", encoding="utf-8", mask=mask, boost_error=False) for mask in range(8)]
        assert codes == [[list(row) for row in one.matrix] for one in wanted]
        assert chosen in codes


def test_a_text_that_fits_no_code_is_refused() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        subprocess.run([NODE, "-e", SCRIPT, json.dumps(["x" * 214])], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "RangeError: the text is too long" in caught.value.stderr
