"""What is said to `make prove` arrives word by word: each key, with blanks, quotes and signs of the shell."""

import re
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEYS = re.search(r"^PROVE := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()  # type: ignore[index]
SAID = 'an instruction\'s "words"; $$HOME *'


def test_each_key_of_a_proof_keeps_its_words() -> None:
    assert {"ONLY", "SEEDS", "TRACE"} <= set(KEYS)
    given = [f"{key}={SAID}" for key in KEYS]
    done = subprocess.run(["make", "-n", "prove", "NAME=mutants", *given], cwd=ROOT, capture_output=True, text=True, check=True)
    last = next(line for line in done.stdout.splitlines() if "tests.prove" in line)
    assert shlex.split(last)[3:] == ["mutants", *(f"{key}={SAID.replace('$$', '$')}" for key in KEYS)]
