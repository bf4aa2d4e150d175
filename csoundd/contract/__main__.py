"""``python -m csoundd.contract [--check] DIR``: writes the generated files of the contract, or tells what is stale.

DIR is the folder ``protocol``; the stubs of the Python client are written beside it where the client is there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from csoundd.contract.files import stale_files, wanted_files, write_files


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 where ``--check`` finds a stale file, which stderr names."""
    parser = argparse.ArgumentParser(prog="csoundd.contract", description="Make the generated files of the contract.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where something is stale")
    options = parser.parse_args(arguments)
    wanted = wanted_files(options.folder)
    if not options.check:
        write_files(options.folder, wanted)
        return 0
    stale = stale_files(options.folder, wanted)
    sys.stderr.writelines(f"stale: {path}\n" for path in stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
