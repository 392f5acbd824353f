"""A server on which nothing conflicts: whoever comes later wins in silence. The offline day must call this a loss."""

from mobile_api.cli import main
from sync import merge
from sync.state import Stamp


def nobody_conflicts(stamp: Stamp, base: int, line_no: int, n: int) -> bool:
    """The planted fault."""
    return False


if __name__ == "__main__":
    merge.conflicts = nobody_conflicts
    main()
