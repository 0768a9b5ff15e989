# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes through, in constant memory: a file's bytes without their compression, and the digest of what passes.

A stream that ends too early or whose checksum is wrong is an error, never a short result.
"""

from __future__ import annotations

import sys
import zlib
from typing import IO, Any, Callable, Dict, Iterable, Iterator, Tuple

# How much is read at a time, in bytes.
CHUNK = 256 * 1024

NONE = "none"
GZIP = "gzip"
BZIP2 = "bzip2"
XZ = "xz"
ZSTD = "zstd"

_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"


class StreamError(ValueError):
    """What is wrong with a stream's bytes, in words that follow its name ("is cut off ...")."""


class MissingLibraryError(Exception):
    """Which Python library is missing on this host, and how to get it."""


def compression(head: bytes) -> str:
    """How a stream is compressed, by its first 10 bytes.

    An archive that is not compressed begins with the name of its first member, and "BZh" could be one: so bzip2 is
    told by its first block's mark too.
    """
    if head[:3] == b"\x1f\x8b\x08":
        return GZIP
    if head[:3] == b"BZh" and head[4:10] in (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"):
        return BZIP2
    if head[:6] == b"\xfd7zXZ\x00":
        return XZ
    if head[:4] == _ZSTD_FRAME or _is_skippable(head[:4]):
        return ZSTD
    return NONE


def plain_chunks(path: str) -> Iterator[bytes]:
    """The bytes of the file ``path``, unpacked where they are compressed, at most ``CHUNK`` at a time.

    OSError: the file can't be read. StreamError: what is wrong with its compression. MissingLibraryError: Python has
    no library for its compression here.
    """
    with open(path, "rb") as file:
        head = file.read(10)
        file.seek(0)
        yield from _UNPACK[compression(head)](file)


class Hashed:
    """Passes chunks on; ``digest`` ("sha256:...") and ``size`` (bytes) are those of what has passed so far."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        import hashlib

        self._chunks = chunks
        self._sha256 = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._sha256.update(chunk)
            self.size += len(chunk)
            yield chunk

    @property
    def digest(self) -> str:
        return "sha256:" + self._sha256.hexdigest()


def _as_it_is(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(CHUNK), b"")


def _gzip(file: IO[bytes]) -> Iterator[bytes]:
    return _streams(file, GZIP, lambda: zlib.decompressobj(31), (zlib.error,))  # 31: a gzip header, and its checksum.


def _bzip2(file: IO[bytes]) -> Iterator[bytes]:
    try:
        import bz2
    except ImportError as error:
        raise _missing(BZIP2, "bz2", error) from None
    return _streams(file, BZIP2, bz2.BZ2Decompressor, (OSError, ValueError))


def _xz(file: IO[bytes]) -> Iterator[bytes]:
    try:
        import lzma
    except ImportError as error:
        raise _missing(XZ, "lzma", error) from None
    return _streams(file, XZ, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ), (lzma.LZMAError,))


def _streams(file: IO[bytes], name: str, unpacker: Callable[[], Any], wrong: Tuple[Any, ...]) -> Iterator[bytes]:
    """What one or more compressed streams, one after the other, unpack to. Zeros may follow a stream, nothing else may.

    The standard library's files (``bz2.open``) are not used, since they take what is damaged after the first stream
    for the end. ``wrong``: what an unpacker raises for damaged bytes.
    """
    packed = file.read(CHUNK)
    while packed:
        stream = unpacker()
        while not stream.eof:
            try:
                chunk = stream.decompress(packed, CHUNK)
            except wrong as error:
                raise _damaged(name, error) from None
            packed = getattr(stream, "unconsumed_tail", b"")  # zlib hands back what the others keep.
            if chunk:
                yield chunk
            if len(chunk) < CHUNK and not packed and not stream.eof:
                packed = file.read(CHUNK)
                if not packed:
                    raise _cut_off(name)
        packed = stream.unused_data
        while not packed.strip(b"\0"):
            packed = file.read(CHUNK)
            if not packed:
                return
        packed = packed.lstrip(b"\0")


def _zstd(file: IO[bytes]) -> Iterator[bytes]:
    """Unpack frame by frame and block by block.

    A block is at most 128 KiB when it is unpacked, while a few bytes of input may be many such blocks; and the library
    takes a stream that ends inside a frame for complete. So the structure of a frame is followed here.
    https://datatracker.ietf.org/doc/html/rfc8878#section-3
    """
    unpacker, wrong = _zstd_library()
    while True:
        magic = file.read(4)
        if not magic:
            return
        if _is_skippable(magic):
            _skip(file, int.from_bytes(_exactly(file, 4), "little"))
            continue
        if len(magic) < 4 and _ZSTD_FRAME.startswith(magic):
            raise _cut_off(ZSTD)
        if magic != _ZSTD_FRAME:
            raise StreamError("has something after its zstd compression that is no part of it")
        unpack = unpacker()
        for part in _zstd_parts(magic, file):
            try:
                chunk = unpack(part)
            except wrong as error:
                raise _damaged(ZSTD, error) from None
            if chunk:
                yield chunk


def _zstd_parts(magic: bytes, file: IO[bytes]) -> Iterator[bytes]:
    """One frame: its header, each block, and the checksum."""
    descriptor = _exactly(file, 1)
    flags = descriptor[0]
    single_segment, checksum = bool(flags & 0x20), bool(flags & 0x04)
    sizes = (1 if single_segment else 0, 2, 4, 8)
    rest = (0 if single_segment else 1) + (0, 1, 2, 4)[flags & 3] + sizes[flags >> 6]
    yield magic + descriptor + _exactly(file, rest)
    last = False
    while not last:
        header = _exactly(file, 3)
        word = int.from_bytes(header, "little")
        last, kind, size = bool(word & 1), (word >> 1) & 3, word >> 3
        yield header + _exactly(file, 1 if kind == 1 else size)  # Kind 1 is one byte, repeated ``size`` times.
    if checksum:
        yield _exactly(file, 4)


def _zstd_library() -> Tuple[Callable[[], Callable[[bytes], bytes]], Any]:
    """A maker of functions that unpack the next piece of a frame, and the exception that they raise."""
    if sys.version_info >= (3, 14):
        try:
            from compression import zstd

            return lambda: zstd.ZstdDecompressor().decompress, zstd.ZstdError
        except ImportError:
            pass
    try:
        import zstandard
    except ImportError as error:
        raise MissingLibraryError(
            "it is compressed with zstd, and the Python library zstandard can't be imported by %s (%s). Install the "
            "package python3-zstandard, or run '%s -m pip install zstandard'." % (sys.executable, error, sys.executable)
        ) from None
    return lambda: zstandard.ZstdDecompressor().decompressobj().decompress, zstandard.ZstdError


def _is_skippable(magic: bytes) -> bool:
    return len(magic) == 4 and 0x50 <= magic[0] <= 0x5F and magic[1:] == b"\x2a\x4d\x18"


def _exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise _cut_off(ZSTD)
    return data


def _skip(file: IO[bytes], size: int) -> None:
    while size > 0:
        size -= len(_exactly(file, min(size, CHUNK)))


def _cut_off(name: str) -> StreamError:
    return StreamError("is cut off: its %s compression has no end" % name)


def _damaged(name: str, error: BaseException) -> StreamError:
    return StreamError("is damaged: its %s compression can't be unpacked (%s)" % (name, str(error).strip() or error))


def _missing(name: str, module: str, error: BaseException) -> MissingLibraryError:
    return MissingLibraryError(
        "it is compressed with %s, and Python's module %s can't be imported by %s (%s). Use a Python that was built "
        "with it, or unpack the file first." % (name, module, sys.executable, error)
    )


_UNPACK: Dict[str, Callable[[IO[bytes]], Iterator[bytes]]] = {
    NONE: _as_it_is,
    GZIP: _gzip,
    BZIP2: _bzip2,
    XZ: _xz,
    ZSTD: _zstd,
}
