#!/usr/bin/env python3
"""Builds the directory tree that a power cut would leave, from the shadow that powercut.c keeps.

    reconstruct.py KEPT NEW_DIRECTORY

Run it when the watched process is gone (waited for, not just signalled). NEW_DIRECTORY must not exist.
Exits with 1 and says why where the shadow is not one, or never began.
"""

import os
import pathlib
import shutil
import sys


class ShadowError(Exception):
    """The shadow is not one that can be built from."""


def read_entries(kept: pathlib.Path, directory_id: str) -> list[tuple[str, int, str, bytes]]:
    """(type, mode, id, name) of each entry as of the directory's last sync; none if it never was synced."""
    try:
        listed = (kept / "dirs" / directory_id).read_bytes()
    except FileNotFoundError:
        return []
    entries = []
    for line in listed.split(b"\0")[:-1]:
        kind, mode, entry_id, name = line.split(b" ", 3)
        entries.append((kind.decode(), int(mode, 8), entry_id.decode(), name))
    return entries


def reconstruct(kept: pathlib.Path, target: pathlib.Path) -> None:
    """Makes `target` the watched directory as the power cut leaves it."""
    root_file = kept / "root"
    if not root_file.exists() or root_file.stat().st_size == 0:
        raise ShadowError(f"{kept}: the shadow never began; the watched tree is as it was before the start")
    mode, root_id = root_file.read_text().split()
    first_paths: dict[str, bytes] = {}

    def build(directory_id: str, mode: int, path: bytes, above: frozenset[str]) -> None:
        if directory_id in above:
            raise ShadowError(f"{os.fsdecode(path)}: a directory within itself: moved without both parents synced")
        os.mkdir(path)
        for kind, entry_mode, entry_id, name in read_entries(kept, directory_id):
            entry_path = os.path.join(path, name)
            if kind == "d":
                build(entry_id, entry_mode, entry_path, above | {directory_id})
            elif entry_id in first_paths:
                os.link(first_paths[entry_id], entry_path)
            else:
                first_paths[entry_id] = entry_path
                build_file(entry_id, entry_mode, entry_path)
        os.chmod(path, mode)

    def build_file(file_id: str, mode: int, path: bytes) -> None:
        with open(path, "xb") as built:
            if (kept / "files" / file_id).exists():
                with open(kept / "files" / file_id, "rb") as content:
                    shutil.copyfileobj(content, built)
        os.chmod(path, mode)

    build(root_id, int(mode, 8), os.fsencode(target), frozenset())


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        reconstruct(pathlib.Path(arguments[0]), pathlib.Path(arguments[1]))
    except (ShadowError, OSError) as error:
        print(f"reconstruct: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
