"""Files of this machine as documents: what they are called, which of a folder's files count, and how they are read.

A document is named by the path of its file from the working folder; a file that lies elsewhere, by its whole path. So a
file has one name, given by itself or with a folder above it, and links are named by what they lead to.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from neolight.errors import InvalidInput, NeolightError, NotFound, TooLarge
from neolight.graph.documents import Original
from neolight.ingest import readers
from neolight.sources import original_of, source_name

TEMPORARY_ENDINGS = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".swp", ".swx", ".bak", "~")
TEMPORARY_BEGINNINGS = (".", "~")
AT_ONCE_BYTES = 64 << 20
"""Of originals in memory at once."""
AT_ONCE_FILES = 1000
PERMISSIONS = "Check its permissions."

Refuse = Callable[[NeolightError], None]


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was seen: enough to tell that it is another one now."""

    path: Path
    size: int
    changed: int
    """Nanoseconds since 1970."""
    inode: int


@dataclass(slots=True)
class Look:
    """What was seen on looking for documents."""

    files: dict[str, File] = field(default_factory=dict[str, File])
    """By source. Where two files come to one source, without what cannot be shown, the first one counts."""
    refused: list[NeolightError] = field(default_factory=list[NeolightError])
    """Why files, and folders that cannot be read, are left out."""
    unread: list[str] = field(default_factory=list[str])
    """What the sources of files in folders that cannot be read begin with."""
    links: int = 0
    """Links in folders, which are not followed."""
    other: Counter[str] = field(default_factory=Counter[str])
    """Files of types that are not read, by extension."""

    def add(self, raw: str, path: Path, seen: os.stat_result) -> None:
        """Takes note of a file, or of the reason why it can be no document."""
        try:
            source = source_name(raw)
        except InvalidInput as error:
            self.refused.append(InvalidInput(f"{str(path)!r}: {error.message}", hint=error.hint))
            return
        first = self.files.setdefault(source, File(path, seen.st_size, seen.st_mtime_ns, seen.st_ino))
        if first.path != path:
            self.refused.append(
                InvalidInput(f"{str(path)!r}: another file is {source} already.", hint="Rename one of them.")
            )

    def add_folder(self, folder: Path, name: str) -> None:
        """Takes note of the files in a folder and below: no temporary and hidden ones, and no links."""

        def raw(path: str | Path) -> str:
            return f"{name}/{Path(path).relative_to(folder).as_posix()}"

        def unreadable(error: OSError) -> None:
            if isinstance(error, FileNotFoundError):
                return
            where = repr(str(error.filename))
            self.refused.append(InvalidInput(f"{where} cannot be read: {error.strerror}.", hint=PERMISSIONS))
            try:
                self.unread.append(f"{source_name(raw(error.filename))}/")
            except InvalidInput:  # it has no name: it is the working folder
                self.unread.append("")

        for root, folders, names in os.walk(folder, onerror=unreadable):
            self.links += sum(Path(root, one).is_symlink() for one in folders)
            folders[:] = sorted(one for one in folders if not one.startswith("."))
            for one in sorted(names):
                self._file(raw(Path(root, one)), Path(root, one))

    def _file(self, raw: str, path: Path) -> None:
        if is_passing(path.name):
            return
        try:
            seen = path.lstat()
        except OSError:
            return
        if stat.S_ISLNK(seen.st_mode):
            self.links += 1
        elif path.suffix.lower() not in readers.SUPPORTED:
            self.other[path.suffix.lower()] += 1
        elif stat.S_ISREG(seen.st_mode):
            self.add(raw, path, seen)


def is_passing(name: str) -> bool:
    """Whether a file of this name is hidden, or somebody's passing state."""
    low = name.lower()
    return low.startswith(TEMPORARY_BEGINNINGS) or low.endswith(TEMPORARY_ENDINGS)


def named(path: PurePath, base: PurePath) -> str:
    """What a file or folder is called: its path from a folder if it is in there, else its whole path.

    Nothing for that folder itself, and for the root. Both paths are absolute.
    """
    inside = path.relative_to(base) if path.is_relative_to(base) else path
    return inside.as_posix().strip("/") if inside.parts else ""


def real(path: Path) -> Path:
    """A path without links, from the root.

    Raises InvalidInput where links go round in a circle, NotFound where the working folder has been deleted.
    """
    with suppress(RuntimeError):  # a name that begins with ~ and is nobody's home
        path = path.expanduser()
    try:
        return (working_folder() / path).resolve()
    except RuntimeError:
        raise InvalidInput(f"{str(path)!r} is a link that leads to itself.", hint="Give the file's own path.") from None


def folder_name(folder: Path, name: str | None) -> str:
    """What the documents of a folder begin with, without the last slash: a name that was given for it, or its own.

    Nothing where the folder is the working folder. Raises InvalidInput where that can be no name.
    """
    raw = name or named(folder, working_folder())
    return source_name(raw) if raw else ""


def working_folder() -> Path:
    """The working folder. Raises NotFound where it has been deleted."""
    try:
        return Path.cwd().resolve()
    except FileNotFoundError:
        raise NotFound("The working folder does not exist any more.", hint="Change to another folder.") from None


def find(paths: Iterable[Path], *, name: str | None = None) -> Look:
    """Looks for files, and for the supported files of folders.

    With a `name` it takes the place of the path of a folder: `NAME/<path in the folder>`.

    Raises:
        NotFound: there is no such file or folder.
        InvalidInput: the name cannot be used, or it is no file.
    """
    look = Look()
    base = working_folder()
    for path in map(real, paths):
        if path.is_dir():
            before = len(look.files) + len(look.refused)
            look.add_folder(path, folder_name(path, name))
            if len(look.files) + len(look.refused) == before:
                look.refused.append(NotFound(f"{str(path)!r} has no supported files.", hint=readers.SUPPORTED_HINT))
        elif path.is_file() and name:
            # of two files of one name in different folders, the second would replace the first
            raise InvalidInput(f"{str(path)!r} is a file, and a name is for a folder.", hint="Name its folder instead.")
        elif path.is_file():
            look.add(named(path, base), path, path.stat())
        elif path.exists():
            raise InvalidInput(f"{str(path)!r} is neither a file nor a folder.", hint="Save what it gives as a file.")
        else:
            raise NotFound(f"There is no file or folder {str(path)!r}.", hint="Check the path.")
    return look


def originals_of(
    paths: Iterable[Path], *, max_mb: int, name: str | None = None, refused: Refuse | None = None
) -> list[Original]:
    """Files, and the supported files of folders, as originals; all in memory.

    Raises:
        NotFound, InvalidInput: as `find`; and where a file is empty, too large or not readable, unless `refused` is
            told instead.
    """

    def fail(error: NeolightError) -> None:
        raise error

    look = find(paths, name=name)
    for error in look.refused:
        (refused or fail)(error)
    return [one for originals, _ in batches(look.files, max_mb, refused or fail) for one in originals]


def batches(files: Mapping[str, File], max_mb: int, refuse: Refuse) -> Iterator[tuple[list[Original], dict[str, File]]]:
    """Originals of files, as many as fit into memory; a file that is refused comes along without an original."""
    originals: list[Original] = []
    taken: dict[str, File] = {}
    weight = 0
    for source, file in files.items():
        try:
            originals.append(_read(source, file, max_mb))
            weight += file.size
        except NotFound as error:
            refuse(error)
            continue
        except InvalidInput as error:
            refuse(error)
        taken[source] = file
        if weight > AT_ONCE_BYTES or len(originals) == AT_ONCE_FILES:
            yield originals, taken
            originals, taken, weight = [], {}, 0
    if taken:
        yield originals, taken


def _read(source: str, file: File, max_mb: int) -> Original:
    if file.size > max_mb << 20:  # before it fills the memory
        raise TooLarge(
            f"{source} has {file.size >> 20} MB; at most {max_mb} are allowed.",
            hint="Split it, or raise NEOLIGHT_MAX_UPLOAD_MB.",
        )
    try:
        return original_of(source, file.path.read_bytes(), max_mb=max_mb)
    except FileNotFoundError:
        raise NotFound(f"{source} is gone.", hint="It was there a moment ago.") from None
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read: {error.strerror}.", hint=PERMISSIONS) from error
