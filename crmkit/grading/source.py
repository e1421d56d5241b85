"""Read an untrusted folder or zip: names, sizes and bytes, within limits; nothing is unpacked."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO
from unicodedata import category, normalize

from crmkit.grading.layout import YEARS

# What makes a path one that no learning platform writes, and no honest student needs.
LONGEST_NAME = 255
LONGEST_PATH = 1_000
DEEPEST = 20
# Outside these a time is wrong, and some systems cannot write it down.
EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (YEARS.start, YEARS.stop))
# A smaller file is no bomb, however well it is packed: printing one line for ever packs 1,000 : 1.
SMALLEST_BOMB = 1_000_000
BYTES_OF_A_LISTING = 500
LOCAL_HEADER = 30
ENCRYPTED = 0x1
UTF_8 = 0x800
# Files that a system or an editor keeps beside the user's own.
OF_THE_SYSTEM = {
    "__MACOSX",
    "__pycache__",
    ".git",
    ".ipynb_checkpoints",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
}


class Refused(Exception):
    """A file or a whole source is not read; the message is the reason, without a name."""


@dataclass(frozen=True)
class Caps:
    """The most that is read.

    Parameters
    ----------
    files : files in one source.
    file_bytes : bytes of one notebook.
    total_bytes : bytes of all notebooks of one source together.
    ratio : bytes of a zipped file over bytes of its compressed form.
    """

    files: int = 20_000
    file_bytes: int = 20_000_000
    total_bytes: int = 2_000_000_000
    ratio: int = 200


@dataclass(frozen=True)
class Entry:
    """One file of a source.

    Parameters
    ----------
    path : its path in the source, as it is written there.
    size : its size in bytes, as the source says.
    when : when it was last changed, or put into the zip: seconds since 1970; None if not known.
    read : returns its bytes; raises Refused.
    problem : why it must not be read, or "".
    """

    path: str
    size: int
    when: float | None
    read: Callable[[], bytes]
    problem: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders and the file's name; Windows' separators count, too."""
        return tuple(self.path.replace("\\", "/").split("/"))

    @property
    def of_the_system(self) -> bool:
        """Whether a system or an editor made it."""
        return any(part in OF_THE_SYSTEM or part.startswith("._") for part in self.parts)


class Reader:
    """Reads bytes until the most that a source may give has been read."""

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.left = caps.total_bytes

    def read(self, stream: IO[bytes] | io.RawIOBase) -> bytes:
        """Return all bytes of a stream.

        Raises
        ------
        Refused : there are more than one file, or all files together, may have.
        """
        most = min(self.caps.file_bytes, self.left)
        pieces, size = [], 0
        while piece := stream.read(min(1 << 16, most + 1 - size)):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise Refused(too_large(self.caps) if most < self.left else too_much(self.caps))
        self.left -= size
        return b"".join(pieces)


def too_large(caps: Caps) -> str:
    """Return the reason why a file is refused that is larger than a notebook may be."""
    return f"larger than {_amount(caps.file_bytes)}"


def too_much(caps: Caps) -> str:
    """Return the reason why a file is refused that comes after the most that one source may hold."""
    return f"all files before it together have {_amount(caps.total_bytes)}, the most that is read at once"


def _amount(size: int) -> str:
    return f"{size / 10**6:,.6g} MB"


@contextmanager
def opened(path: Path, caps: Caps) -> Iterator[list[Entry]]:
    """Give the files of a folder or a zip, by path, each with what forbids reading it.

    Raises
    ------
    Refused : the source as a whole cannot be read.
    OSError : there is no such file or folder, or it may not be opened.
    """
    reader = Reader(caps)
    if path.is_dir():
        yield _checked(list(_in_folder(path, reader)))
        return
    with path.open("rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Refused("neither a folder nor a zip")
        with _zip(file, caps) as archive:
            yield _checked(
                [
                    _zipped(archive, info, reader)
                    for info in archive.infolist()
                    if not info.filename.endswith("/")
                ]
            )


def _checked(entries: list[Entry]) -> list[Entry]:
    """Return the entries by path; where a name or its doubling forbids it, with that as the problem."""
    same = Counter(_folded(entry) for entry in entries)
    checked = []
    for entry in sorted(entries, key=lambda entry: entry.path):
        problem = entry.problem or _fault_of_name(entry)
        if not problem and same[_folded(entry)] > 1:
            problem = "the same path is there more than once, or differs only in upper and lower case"
        checked.append(replace(entry, problem=problem))
    return checked


def _folded(entry: Entry) -> str:
    return normalize("NFKC", "/".join(entry.parts)).casefold()


def _fault_of_name(entry: Entry) -> str:
    parts = entry.parts
    if parts[0] == "" or parts[0][1:2] == ":":
        return "an absolute path"
    if ".." in parts:
        return "a path that leads out of the source (..)"
    if any(category(char) == "Cc" for char in entry.path):
        return "a control character in the name"
    if len(entry.path) > LONGEST_PATH or any(len(part) > LONGEST_NAME for part in parts):
        return f"a name of more than {LONGEST_NAME} characters, or a path of more than {LONGEST_PATH:,}"
    if len(parts) > DEEPEST:
        return f"more than {DEEPEST} folders deep"
    return ""


def _in_folder(root: Path, reader: Reader) -> Iterator[Entry]:
    count = 0
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root.joinpath(*folder)) as found:
                names = sorted(item.name for item in found)
        except OSError as error:
            yield _unread("/".join(folder), f"a folder that cannot be read ({error.strerror})")
            continue
        for name in names:
            parts = (*folder, name)
            count += 1
            if count > reader.caps.files:
                yield _unread("…", f"more than {reader.caps.files:,} files; the others were not looked at")
                return
            entry, is_folder = _found(root, parts, reader)
            if not is_folder or entry.of_the_system or entry.problem:
                yield entry
            elif len(parts) >= DEEPEST:
                yield replace(entry, problem=f"more than {DEEPEST} folders deep")
            else:
                waiting.append(parts)


def _found(root: Path, parts: tuple[str, ...], reader: Reader) -> tuple[Entry, bool]:
    path = "/".join(parts)
    try:
        status = os.lstat(root.joinpath(*parts))
    except OSError as error:
        return _unread(path, f"cannot be looked at ({error.strerror})"), False
    mode = status.st_mode
    problem = ""
    if stat.S_ISLNK(mode):
        problem = "a symbolic link, which is not followed"
    elif not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        problem = "not a regular file"
    read = partial(_read_file, root, parts, reader)
    when = status.st_mtime if EARLIEST < status.st_mtime < LATEST else None
    # A name may hold what is no separator here, but is one elsewhere.
    if any("\\" in part for part in parts):
        problem = problem or "a \\ in the name"
    return Entry(path, status.st_size, when, read, problem), stat.S_ISDIR(mode)


def _unread(path: str, problem: str) -> Entry:
    return Entry(path, 0, None, bytes, problem)


def _read_file(root: Path, parts: tuple[str, ...], reader: Reader) -> bytes:
    try:
        descriptor = _open_beneath(root, parts)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise Refused("not a regular file")
            content = reader.read(file)
            after = os.fstat(descriptor)
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})") from None
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or len(content) != after.st_size:
        raise Refused("was changed while it was read; run the command again")
    return content


def _open_beneath(root: Path, parts: tuple[str, ...]) -> int:
    """Open a file without following a link at any step, also one put there after the folder was listed."""
    last = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    if os.open not in os.supports_dir_fd:
        return os.open(root.joinpath(*parts), last)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(parts[-1], last, dir_fd=folder)
    finally:
        os.close(folder)


class _Listed(io.BufferedReader):
    """A file of which a zip's list of contents is read only if it is of a sane length."""

    most: int

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = os.fstat(self.fileno()).st_size - self.tell()
        if size > self.most:
            raise Refused("a zip whose list of files is too long")
        return super().read(size)


@contextmanager
def _zip(file: io.BufferedReader, caps: Caps) -> Iterator[zipfile.ZipFile]:
    listed = _Listed(io.FileIO(file.fileno(), closefd=False))
    listed.most = max(caps.files * BYTES_OF_A_LISTING, 1 << 20)
    try:
        archive = zipfile.ZipFile(listed)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
        struct.error,
        OverflowError,
        OSError,
    ) as error:
        raise Refused(f"neither a folder nor a zip that can be read ({error})") from None
    with archive:
        if len(archive.infolist()) > caps.files:
            raise Refused(f"a zip of {len(archive.infolist()):,} files; at most {caps.files:,} are read")
        end = 0
        for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise Refused("a zip whose files overlap, as in a zip bomb")
            end = info.header_offset + LOCAL_HEADER + info.compress_size
        yield archive


def _zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, reader: Reader) -> Entry:
    # A name after a NUL is seen by some programs and not by others.
    name = _name(info)
    read = partial(_read_zipped, archive, info, reader)
    return Entry(name, info.file_size, _time(info), read, _fault_of_zipped(info, reader.caps))


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name in the zip; not marked as UTF-8, it may be that, or the code of Chinese Windows."""
    name = info.orig_filename
    if info.flag_bits & UTF_8:
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _time(info: zipfile.ZipInfo) -> float | None:
    try:
        written = datetime(*info.date_time)
        # 1980 is what is written for "not known".
        return written.timestamp() if written.year > 1980 and written.year in YEARS else None
    except (ValueError, OverflowError, OSError):
        return None


def _fault_of_zipped(info: zipfile.ZipInfo, caps: Caps) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a symbolic link, which is not followed"
    if kind not in (0, stat.S_IFREG):
        return "not a regular file"
    if info.flag_bits & ENCRYPTED:
        return "encrypted; ask for it without a password"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in a way that no learning platform uses"
    if info.file_size > SMALLEST_BOMB and info.file_size > caps.ratio * info.compress_size:
        return f"packed more than {caps.ratio} : 1, as in a zip bomb"
    return ""


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, reader: Reader) -> bytes:
    damage = (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    )
    try:
        with archive.open(info) as stream:
            content = reader.read(stream)
    except (*damage, struct.error, OverflowError):
        raise Refused("damaged in the zip") from None
    if len(content) != info.file_size:
        raise Refused("damaged in the zip: not of the size that the zip says")
    return content
