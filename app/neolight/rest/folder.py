"""The input folder: which files of it are a workspace's, and how they become documents."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from neolight.deps import Files

DEFAULT_WORKSPACE = "default"


def folders_of(files: Files, workspace: str) -> list[tuple[Path, bool]]:
    """The folders with files of a workspace, and whether all below them is meant.

    Each workspace has a folder of its name. The files right in the input folder are the default workspace's.
    """
    if files.input_dir is None:
        return []
    own = (files.input_dir / workspace, True)
    return [own, (files.input_dir, False)] if workspace == DEFAULT_WORKSPACE else [own]


def files_of(files: Files, workspace: str) -> Iterator[tuple[str, Path]]:
    """The files of a workspace that can be read, with their relative paths; hidden files and links are left out."""
    for root, deep in folders_of(files, workspace):
        for folder, below, names in os.walk(root, followlinks=False):
            below[:] = sorted(name for name in below if not name.startswith(".")) if deep else []
            for name in sorted(names):
                path = Path(folder) / name
                if _readable(path, files.extensions):
                    yield path.relative_to(root).as_posix(), path


def _readable(path: Path, extensions: Sequence[str]) -> bool:
    return (
        not path.name.startswith(".") and path.suffix.lower() in extensions and not path.is_symlink() and path.is_file()
    )


def forget_files(files: Files, workspace: str, sources: Sequence[str]) -> int:
    """Deletes the files in the input folder that documents came from; returns how many there were."""
    wanted = set(sources)
    found = [path for source, path in files_of(files, workspace) if source in wanted]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)
