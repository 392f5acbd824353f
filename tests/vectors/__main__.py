"""`python -m tests.vectors FOLDER` writes the vectors, for the developer of a client in another language."""

import sys
from pathlib import Path

from tests.vectors.registry import write

if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "vectors")
    sys.stdout.write(f"{write(folder)} cases in {folder}\n")
