# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compressing and decompressing streams in constant memory.

A stream that ends too early or has a wrong checksum is an error, never a short result.
"""

from __future__ import annotations

import sys
import zlib
from typing import IO, Any, Callable, Dict, Iterable, Iterator, Mapping, Optional, Tuple

# How much is read at a time, in bytes.
CHUNK = 256 * 1024

NONE = "none"
GZIP = "gzip"
BZIP2 = "bzip2"
XZ = "xz"
ZSTD = "zstd"

# The lowest, the default and the highest compression level. Memory grows with the level: xz takes 32 MB at level 3, 94
# MB at level 6 and 674 MB at level 9.
LEVELS: Mapping[str, Tuple[int, int, int]] = {GZIP: (1, 6, 9), XZ: (0, 3, 9), ZSTD: (1, 3, 22)}

# The memory limit for unpacking xz, in bytes: each file specifies how much it needs, up to 4 GB. Level 9, the highest,
# needs 65 MB.
_XZ_MEMORY = 512 * 1024 * 1024

_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"


class StreamError(ValueError):
    """A problem with a stream's bytes; the message follows the stream's name ("is cut off ...")."""


class MissingLibraryError(Exception):
    """Names the Python library that is missing on this host, and how to get it."""


# Two functions: one takes the next bytes and returns the output so far, the other one returns the rest.
Packer = Tuple[Callable[[bytes], bytes], Callable[[], bytes]]


def compression(head: bytes) -> str:
    """The compression of a stream, by its first 10 bytes.

    An uncompressed archive begins with the name of its first member, which may begin with "BZh": so bzip2 must also
    have the mark of its first block.
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
    """The bytes of the file ``path``, unpacked if they are compressed, at most ``CHUNK`` at a time.

    OSError: the file can't be read. StreamError: its compression is damaged. MissingLibraryError: this Python has no
    library for its compression.
    """
    with open(path, "rb") as file:
        yield from unpacked(file)


def unpacked(file: IO[bytes]) -> Iterator[bytes]:
    """``plain_chunks()`` of an open file, from its beginning."""
    head = file.read(10)
    file.seek(0)
    yield from _UNPACK[compression(head)](file)


def packer(name: str, level: Optional[int] = None) -> Packer:
    """A packer for one stream as ``name`` (none, gzip, xz or zstd); the same input always gives the same output.

    ``level`` None: the default in ``LEVELS``. MissingLibraryError: this Python has no library for it.
    """
    return _PACK[name](LEVELS[name][1] if level is None and name in LEVELS else level)


def packed(chunks: Iterable[bytes], pack: Packer) -> Iterator[bytes]:
    """``chunks`` compressed with a new ``packer()``."""
    add, end = pack
    for chunk in chunks:
        piece = add(chunk)
        if piece:
            yield piece
    piece = end()
    if piece:
        yield piece


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
    return _streams(file, XZ, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY), (lzma.LZMAError,))


def _streams(file: IO[bytes], name: str, unpacker: Callable[[], Any], wrong: Tuple[Any, ...]) -> Iterator[bytes]:
    """Unpack one or more consecutive compressed streams. Zeros may follow a stream, anything else is an error.

    The standard library's files (``bz2.open``) are not used, since they treat damaged data after the first stream as
    the end. ``wrong``: the exceptions that an unpacker raises for damaged bytes.
    """
    packed = file.read(CHUNK)
    while packed:
        stream = unpacker()
        while not stream.eof:
            try:
                chunk = stream.decompress(packed, CHUNK)
            except wrong as error:
                raise _damaged(name, error) from None
            except MemoryError:
                raise _too_much_memory(name) from None
            packed = getattr(stream, "unconsumed_tail", b"")  # zlib returns unused input, the others keep it.
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

    An unpacked block has at most 128 KiB, but a few bytes of input may be many such blocks; and the library treats a
    stream that ends inside a frame as complete. So the structure of a frame is parsed here.
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
            raise StreamError("has something after its zstd compression that does not belong to it")
        unpack = unpacker()
        for part in _zstd_parts(magic, file):
            try:
                chunk = unpack(part)
            except wrong as error:
                raise _damaged(ZSTD, error) from None
            except MemoryError:
                raise _too_much_memory(ZSTD) from None
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
    """A factory of functions that unpack the next piece of a frame, and the exception that these raise."""
    if sys.version_info >= (3, 14):
        try:
            from compression import zstd

            return lambda: zstd.ZstdDecompressor().decompress, zstd.ZstdError
        except ImportError:
            pass
    try:
        import zstandard
    except ImportError as error:
        raise _missing_zstandard("it is compressed with zstd, and", error) from None
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


def _too_much_memory(name: str) -> StreamError:
    return StreamError("can't be unpacked: its %s compression needs more memory than there is" % name)


def _missing(name: str, module: str, error: BaseException) -> MissingLibraryError:
    return MissingLibraryError(
        "it is compressed with %s, and Python's module %s can't be imported by %s (%s). Use a Python that was built "
        "with it, or unpack the file first." % (name, module, sys.executable, error)
    )


def _missing_zstandard(why: str, error: BaseException) -> MissingLibraryError:
    return MissingLibraryError(
        "%s the Python library zstandard can't be imported by %s (%s). Install the package python3-zstandard, or run "
        "'%s -m pip install zstandard'." % (why, sys.executable, error, sys.executable)
    )


def _pack_nothing(_level: Optional[int]) -> Packer:
    return lambda chunk: chunk, lambda: b""


def _pack_gzip(level: Optional[int]) -> Packer:
    pack = zlib.compressobj(level or 0, zlib.DEFLATED, 31)  # 31: a gzip header, without name and time.
    return pack.compress, pack.flush


def _pack_xz(level: Optional[int]) -> Packer:
    try:
        import lzma
    except ImportError as error:
        raise MissingLibraryError(
            "xz is requested, and Python's module lzma can't be imported by %s (%s). Use a Python that was built with "
            "it, or another compression." % (sys.executable, error)
        ) from None
    pack = lzma.LZMACompressor(lzma.FORMAT_XZ, preset=level)
    return pack.compress, pack.flush


def _pack_zstd(level: Optional[int]) -> Packer:
    if sys.version_info >= (3, 14):
        try:
            from compression import zstd

            options = {zstd.CompressionParameter.compression_level: level, zstd.CompressionParameter.checksum_flag: 1}
            pack = zstd.ZstdCompressor(options=options)
            return pack.compress, pack.flush
        except ImportError:
            pass
    try:
        import zstandard
    except ImportError as error:
        raise _missing_zstandard("zstd is requested, and", error) from None
    packing = zstandard.ZstdCompressor(level=level or 0, write_checksum=True).compressobj()
    return packing.compress, packing.flush


_PACK: Dict[str, Callable[[Optional[int]], Packer]] = {
    NONE: _pack_nothing,
    GZIP: _pack_gzip,
    XZ: _pack_xz,
    ZSTD: _pack_zstd,
}

_UNPACK: Dict[str, Callable[[IO[bytes]], Iterator[bytes]]] = {
    NONE: _as_it_is,
    GZIP: _gzip,
    BZIP2: _bzip2,
    XZ: _xz,
    ZSTD: _zstd,
}
