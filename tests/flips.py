#!/usr/bin/env python3
"""Whether the independent verifier finds every flipped bit: flips.py DIRECTORY LIST

The list has a line for each: file, offset, bit. Each is flipped in the directory, looked for, and
turned back. Exits with 1 and names what was not found, or not found where it is.
"""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools" / "verify-py"))

import verify  # noqa: E402

SHOWN = 10


def missed(directory: pathlib.Path, name: str, offset: int, bit: int) -> str | None:
    """What is said of a flip that is not found, or not found where it is."""
    with open(directory / name, "r+b", buffering=0) as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 1 << bit]))
        try:
            verify.verify_data(directory)
            found = "nothing found"
        except verify.Fault as fault:
            # A marker of another ledger shows itself in what does not fit to it.
            if name == "letopis" or fault.segment == name and fault.offset <= offset:
                return None
            found = str(fault)
        finally:
            file.seek(offset)
            file.write(byte)
    return f"{name}, offset {offset}, bit {bit}: {found}"


def main() -> int:
    directory, flips = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text().splitlines()
    verify.verify_data(directory)
    began = time.monotonic()
    places = [(name, int(offset), int(bit)) for name, offset, bit in map(str.split, flips)]
    wrong = list(filter(None, (missed(directory, *place) for place in places)))
    seconds = time.monotonic() - began
    # Every flip was turned back.
    verify.verify_data(directory)
    for line in wrong[:SHOWN]:
        print(line)
    if wrong:
        print(f"{len(wrong)} of {len(places)} missed")
        return 1
    print(f"verify.py {seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
