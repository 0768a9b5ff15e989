# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading archives: complete ones are accepted, cut or damaged ones are refused, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import subprocess
import sys
import tarfile
import zlib
from pathlib import Path
from typing import Any, Callable

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._archive import compression as _stream
from ansible_collections.wharf.docker.plugins.module_utils._archive import root_filesystem as _archive_use
from ansible_collections.wharf.docker.plugins.module_utils._archive import tar as _archive

zstandard = pytest.importorskip("zstandard")

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}
# These formats have checksums to detect damage; that of zstd is an option, which zstd(1) sets by default.
COMPRESSED = [name for name in COMPRESSIONS if name != "none"]


def member(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, **fields: Any) -> bytes:
    """One member as the bytes of an archive. ``fields`` are those of TarInfo."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


def archive_of(*names: str, kind: int = tarfile.GNU_FORMAT, size: int = 700) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = size
            tar.addfile(info, io.BytesIO(b"d" * size))
    return out.getvalue()


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def read(data: bytes, size: int = 10240) -> _archive.Content:
    return _archive.read_archive(pieces(data, size))


def read_file(path: Path, data: bytes) -> _archive.Content:
    path.write_bytes(data)
    return _archive.read_archive(_stream.plain_chunks(str(path)))


# For a new Python, which finds the collection in the same place as this one.
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
ONE = member("file", b"data" * 200)
END = bytes(1024)


@pytest.mark.parametrize("size", [1, 7, 511, 512, 513, 10240])
def test_the_digest_is_that_of_the_bytes_however_they_come(size: int) -> None:
    data = archive_of("one", "two", "three")
    assert read(data, size) == _archive.Content("sha256:" + hashlib.sha256(data).hexdigest(), len(data), 3)


@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
def test_what_a_file_system_has(kind: int, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as tar:
        for number, (flag, link) in enumerate(
            [
                (tarfile.REGTYPE, ""),
                (tarfile.AREGTYPE, ""),
                (tarfile.DIRTYPE, ""),
                (tarfile.SYMTYPE, "elsewhere"),
                (tarfile.LNKTYPE, "0"),
                (tarfile.CHRTYPE, ""),
                (tarfile.BLKTYPE, ""),
                (tarfile.FIFOTYPE, ""),
                (tarfile.CONTTYPE, ""),
            ]
        ):
            info = tarfile.TarInfo(str(number))
            info.type, info.linkname = flag, link
            info.size = 1000 if flag in (tarfile.REGTYPE, tarfile.CONTTYPE) else 0
            tar.addfile(info, io.BytesIO(b"x" * info.size))
        if kind != tarfile.USTAR_FORMAT:
            for name in ("l" * 300, "ü" * 120, "long/" * 100):
                info = tarfile.TarInfo(name)
                info.linkname, info.type = "t" * 400, tarfile.SYMTYPE
                tar.addfile(info)
                info = tarfile.TarInfo(name + "2")
                info.size = 10
                tar.addfile(info, io.BytesIO(b"0123456789"))
    assert read(out.getvalue()).members == (9 if kind == tarfile.USTAR_FORMAT else 15)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(ONE + END, id="two blocks at the end"),
        pytest.param(ONE + bytes(512), id="one block at the end"),
        pytest.param(ONE + bytes(512 + 100), id="an end that is no whole block"),
        pytest.param(ONE + bytes(512 * 100), id="a long end"),
        pytest.param(member("directory", kind=tarfile.DIRTYPE) + END, id="a directory only"),
        pytest.param(
            tarfile.TarInfo.create_pax_global_header({"comment": "a commit"}) + ONE + END, id="a global header"
        ),
    ],
)
def test_whole(data: bytes) -> None:
    assert read(data).members == 1


def test_the_size_of_a_member_may_stand_in_its_extended_header() -> None:
    info = tarfile.TarInfo("file")
    info.pax_headers = {"size": "1024", "comment": "ü"}
    headers = info.tobuf(tarfile.PAX_FORMAT)
    assert len(headers) == 3 * 512 and headers[1024 + 124 : 1024 + 135] == b"0" * 11
    assert read(headers + bytes(1024) + END).members == 1
    with pytest.raises(_archive.ArchiveError, match="cut off inside a member's data"):
        read(headers + bytes(1000))
    # It applies to one member only.
    assert read(headers + bytes(1024) + ONE + END).members == 2


def with_checksum(header: bytes, signed: bool = False) -> bytes:
    blank = header[:148] + b" " * 8 + header[156:]
    total = sum(byte - 256 if signed and byte > 127 else byte for byte in blank)
    return header[:148] + b"%06o\0 " % total + header[156:]


def test_numbers_in_binary() -> None:
    header = member("file")
    binary = header[:124] + b"\x80" + (700).to_bytes(11, "big") + header[136:]
    assert read(with_checksum(binary) + b"x" * 1024 + END).members == 1
    negative = header[:124] + b"\xff" * 12 + header[136:]
    with pytest.raises(_archive.ArchiveError, match="invalid value"):
        read(with_checksum(negative) + END)


def test_checksums_of_signed_bytes() -> None:
    header = with_checksum(member("ü" * 20), signed=True)
    assert header != member("ü" * 20)
    assert read(header + END).members == 1


def test_sparse_files_of_gnu_tar() -> None:
    header = bytearray(member("sparse", kind=b"S"))
    header[124:136] = b"%011o\0" % 1000
    header[482] = 1
    more, last = bytes(504) + b"\1" + bytes(7), bytes(512)
    data = with_checksum(bytes(header)) + more + last + b"\xff" * 1024
    assert read(data + END).members == 1
    for cut in (512, 1024, 1536, 2048):
        with pytest.raises(_archive.ArchiveError, match="cut off"):
            read(data[:cut])


@pytest.mark.parametrize("size", [0, 1, 700, 1024])
def test_every_cut_is_refused(size: int) -> None:
    data = archive_of("one", "two", size=size)
    end = 2 * (512 + size + -size % 512) + 512
    for cut in [*range(0, end, 7), *range(0, end, 512), end - 1]:
        with pytest.raises(_archive.ArchiveError) as caught:
            read(data[:cut])
        words = str(caught.value)
        assert words == "is empty" if cut == 0 else "not a tar" in words if cut < 512 else "cut off" in words, words
    assert read(data[:end]).members == 2


@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
def test_every_flipped_bit_of_a_header_is_refused(kind: int) -> None:
    data = bytearray(archive_of("one", "two", kind=kind))
    second = 512 + 1024
    for at in range(second, second + 512):
        for bit in range(8):
            data[at] ^= 1 << bit
            # Some bits of the checksum's own field are ignored.
            if not second + 148 <= at < second + 156:
                with pytest.raises(_archive.ArchiveError, match="no header at byte 1536"):
                    read(bytes(data))
            data[at] ^= 1 << bit
    data[second + 150] ^= 1
    with pytest.raises(_archive.ArchiveError, match="no header at byte 1536"):
        read(bytes(data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"abc", "is not a tar archive", id="short"),
        pytest.param(b"text\n" * 1000, "is not a tar archive", id="text"),
        pytest.param(b"PK\x03\x04" + bytes(2000), "is not a tar archive", id="zip"),
        pytest.param(END, "without members", id="nothing but the end"),
        pytest.param(bytes(10), "is not a tar archive", id="a few zeros"),
        pytest.param(
            tarfile.TarInfo.create_pax_global_header({"comment": "x"}) + END, "without members", id="no member"
        ),
        pytest.param(ONE, "cut off between two members, at byte 1536", id="no end"),
        pytest.param(ONE + END + ONE + END, "something after its end", id="two archives"),
        pytest.param(ONE + END + b"junk", "something after its end", id="junk"),
        pytest.param(ONE + bytes(512) + b"junk", "something after its end", id="junk after one block"),
        pytest.param(ONE + b"junk" * 128 + END, "no header at byte 1536", id="junk between"),
        pytest.param(member("n", b"name\0", b"L") + END, "ends after an extended header", id="name without member"),
        pytest.param(member("x", b"12 path=abc\n", b"x") + ONE, "cut off", id="extended and cut"),
        pytest.param(member("x", b"99 path=abc\n", b"x") + ONE + END, "invalid value", id="record too long"),
        pytest.param(member("x", b"path=abc\n", b"x") + ONE + END, "invalid value", id="record without length"),
        pytest.param(member("x", b"12 size=abc\n", b"x") + ONE + END, "invalid value", id="invalid size"),
        pytest.param(member("x", bytes(2**20 + 1), b"x") + ONE + END, "too large", id="extended header too large"),
    ],
)
def test_refused(data: bytes, words: str) -> None:
    for size in (513, 10240):
        with pytest.raises(_archive.ArchiveError, match=words):
            read(data, size)


@pytest.mark.parametrize("options", [["--format=gnu", "-S"], ["--format=pax", "-S"], ["--format=v7"]])
def test_archives_of_tar(options: list[str], tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    with open(directory / "sparse", "wb") as file:
        for at in range(0, 10_000_000, 200_000):
            file.seek(at)
            file.write(b"x" * 5000)
    (directory / "plain").write_bytes(b"x" * 5000)
    tar = subprocess.run(
        ["tar", *options, "-c", "-C", str(tmp_path), "directory"], check=True, capture_output=True
    ).stdout
    assert read(tar).members == 3


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_compressed(name: str, tmp_path: Path) -> None:
    data = archive_of("one", "two", size=300_000)
    packed = COMPRESSIONS[name](data)
    assert _stream.compression(packed[:10]) == name
    expected = _archive.Content("sha256:" + hashlib.sha256(data).hexdigest(), len(data), 2)
    assert read_file(tmp_path / "file", packed) == expected


@pytest.mark.parametrize("name", COMPRESSED)
def test_several_streams_are_one(name: str, tmp_path: Path) -> None:
    data = archive_of("one", "two", size=300_000)
    packed = b"".join(COMPRESSIONS[name](part) for part in pieces(data, 100_000))
    assert read_file(tmp_path / "file", packed) == read(data)


@pytest.mark.parametrize("name", COMPRESSED)
def test_every_cut_of_a_compressed_file_is_refused(name: str, tmp_path: Path) -> None:
    packed = COMPRESSIONS[name](archive_of("one", "two"))
    for cut in range(1, len(packed)):
        with pytest.raises((_stream.StreamError, _archive.ArchiveError)):
            read_file(tmp_path / "file", packed[:cut])


@pytest.mark.parametrize("name", COMPRESSED)
def test_damage_in_a_compressed_file_is_refused(name: str, tmp_path: Path) -> None:
    """Each flipped bit is detected, or changes nothing (gzip's time, its name, and the like)."""
    data = archive_of("one", "two")
    packed = bytearray(COMPRESSIONS[name](data))
    refused = 0
    for at in range(len(packed)):
        packed[at] ^= 0x10
        try:
            assert read_file(tmp_path / "file", bytes(packed)) == read(data), at
        except (_stream.StreamError, _archive.ArchiveError):
            refused += 1
        packed[at] ^= 0x10
    assert refused > 0.8 * len(packed)


def test_a_wrong_checksum_of_gzip_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(ONE + END))
    packed[-8] ^= 1
    with pytest.raises(_stream.StreamError, match=r"is damaged: its gzip compression can't be unpacked \(.*check"):
        read_file(tmp_path / "file", bytes(packed))


@pytest.mark.parametrize("name", COMPRESSED)
def test_what_follows_a_compressed_stream(name: str, tmp_path: Path) -> None:
    packed = COMPRESSIONS[name](ONE + END)
    with pytest.raises(_stream.StreamError):
        read_file(tmp_path / "file", packed + b"something else")
    if name != "zstd":
        assert read_file(tmp_path / "file", packed + bytes(1024)) == read(ONE + END)


@pytest.mark.parametrize("checksum", [True, False])
@pytest.mark.parametrize("known_size", [True, False])
@pytest.mark.parametrize("level", [1, 19])
def test_the_forms_of_zstd(checksum: bool, known_size: bool, level: int, tmp_path: Path) -> None:
    # Zeros result in blocks of one repeated byte, noise in uncompressed blocks.
    noise = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(20_000))
    data = member("noise", noise) + member("zeros", bytes(1_000_000)) + member("words", b"abc " * 100_000) + END
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=checksum, write_content_size=known_size)
    packed = compressor.compress(data)
    skippable = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"12345"
    for form in (packed, skippable + packed + skippable):
        assert read_file(tmp_path / "file", form) == read(data)
    for cut in (1, 4, 5, 9, 1000, len(packed) - 1):
        (tmp_path / "file").write_bytes(packed + packed[:cut])
        with pytest.raises(_stream.StreamError, match="cut off"):
            list(_stream.plain_chunks(str(tmp_path / "file")))


def test_xz_that_asks_for_too_much_memory(tmp_path: Path) -> None:
    """A file of some hundred bytes may require gigabytes."""
    for size, is_refused in ((1 << 26, False), (1 << 30, True)):
        packer = lzma.LZMACompressor(filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": size}])
        packed = packer.compress(ONE + END) + packer.flush()
        if is_refused:
            with pytest.raises(_stream.StreamError, match=r"[Mm]emory"):
                read_file(tmp_path / "file", packed)
        else:
            assert read_file(tmp_path / "file", packed) == read(ONE + END)


def test_no_memory_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(lzma.compress(ONE + END, preset=9))
    program = (
        "import resource, sys, lzma\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._archive import compression as _stream\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 16 * 2**20, -1))\n"
        "try:\n"
        "    list(_stream.plain_chunks(sys.argv[1]))\n"
        "except _stream.StreamError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "can't be unpacked: its xz compression needs more memory than there is\n"


@pytest.mark.parametrize("name", ["BZh", "BZh9.txt", "(", "7zXZ"])
def test_a_name_that_looks_like_a_compression(name: str, tmp_path: Path) -> None:
    data = member(name) + END
    assert _stream.compression(data[:10]) == "none"
    assert read_file(tmp_path / "file", data) == read(data)


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    """In a new Python, in which zstandard can't be imported."""
    path = tmp_path / "file.tar.zst"
    path.write_bytes(COMPRESSIONS["zstd"](ONE + END))
    program = (
        "import sys\n"
        "sys.modules['zstandard'] = None\n"
        "sys.modules['compression'] = None\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._archive import compression as _stream\n"
        "try:\n"
        "    list(_stream.plain_chunks(sys.argv[1]))\n"
        "except _stream.MissingLibraryError as error:\n"
        "    print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(path)], env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    assert "compressed with zstd" in said.stdout
    assert "pip install zstandard" in said.stdout


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_memory_does_not_grow_with_the_archive(name: str, tmp_path: Path) -> None:
    """200 MB of zeros, which compress to almost nothing: the worst case, since little input yields much output."""
    path, size = tmp_path / "big", 200 * 1024 * 1024
    header = member("zeros", b"", size=size)
    packers: dict[str, Any] = {
        "gzip": lambda: zlib.compressobj(1, wbits=31),
        "bzip2": lambda: bz2.BZ2Compressor(1),
        "xz": lambda: lzma.LZMACompressor(preset=0),
        "zstd": lambda: zstandard.ZstdCompressor().compressobj(),
    }
    with open(path, "wb") as file:
        if name == "none":
            file.write(header)
            file.truncate(512 + size + 1024)
        else:
            packer = packers[name]()
            file.write(packer.compress(header))
            for _mebibyte in range(size // 2**20):
                file.write(packer.compress(bytes(2**20)))
            file.write(packer.compress(END) + packer.flush())
    program = (
        "import sys\n"
        "from memory import peak\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._archive import tar as _archive\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._archive import compression as _stream\n"
        "import zstandard, bz2, lzma\n"
        "before = peak()\n"
        "content = _archive.read_archive(_stream.plain_chunks(sys.argv[1]))\n"
        "print(content.size, peak() - before)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(path)], env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    read_bytes, grown = map(int, said.stdout.split())
    assert read_bytes == 512 + size + 1024
    assert grown < 20_000, "%d KiB more memory" % grown


def with_size(field: bytes, name: str = "file", kind: bytes = b"0") -> bytes:
    header = member(name, kind=kind)
    return with_checksum(header[:124] + field.ljust(12, b"\0") + header[136:])


@pytest.mark.parametrize(
    ("field", "size"),
    [
        (b"00000001274\0", 700),
        (b"00000001274 ", 700),
        (b"   1274 \0", 700),
        (b"1274", 700),
        (b"000000001274", 700),
        (b"1274\0junk", 700),
        (b"", 0),
        (b" " * 12, 0),
        (b"\x80" + (700).to_bytes(11, "big"), 700),
    ],
)
def test_sizes(field: bytes, size: int) -> None:
    data = with_size(field) + b"x" * size + bytes(-size % 512) + END
    assert read(data).members == 1
    if size:
        with pytest.raises(_archive.ArchiveError, match="cut off inside a member's data"):
            read(data[:600])


@pytest.mark.parametrize(
    "field",
    [
        b"\x000000001274\0",
        b"\0\x001274",
        b" \x001274",
        b"-0000001274\0",
        b"+0000001274\0",
        b"0o00001274\0",
        b"1_2_7_4\0",
        b"0000 001274\0",
        b"00000001279\0",
        b"\t1274\0",
        b"\x80" + b"\xff" * 11,
        b"\x80\0\0\0" + (2**63).to_bytes(8, "big"),
        b"\xff" * 12,
        b"\xc0" + bytes(11),
    ],
)
def test_sizes_that_programs_read_differently_are_refused(field: bytes) -> None:
    """The data is itself an archive: a program that reads the size as 0 finds other members in it."""
    inner = member("inner", b"x" * 100)[:700].ljust(1024, b"\0")
    for name, kind in (("file", b"0"), ("././@LongLink", b"L"), ("directory", b"5")):
        with pytest.raises(_archive.ArchiveError, match="invalid value"):
            read(with_size(field, name, kind) + inner + END)


def test_a_checksum_that_begins_with_a_zero_byte_is_refused() -> None:
    header = bytearray(member("file"))
    header[148:156] = b"\0" + bytes(header[148:154]) + b"\0"
    with pytest.raises(_archive.ArchiveError, match="not a tar archive"):
        read(bytes(header) + END)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(member("x", b"1" * 5000 + b" path=abc\n", b"x") + ONE + END, "invalid value", id="length"),
        pytest.param(member("x", b"5011 size=" + b"1" * 5000 + b"\n", b"x") + ONE + END, "invalid value", id="size"),
        pytest.param(member("x", b"28 size=9223372036854775808\n", b"x") + ONE + END, "invalid value", id="64 bits"),
        pytest.param(member("n", bytes(2**20 + 1), b"L") + ONE + END, "too large", id="long name"),
        pytest.param(member("n", bytes(2**20 + 1), b"K") + ONE + END, "too large", id="long target"),
        pytest.param(member("g", bytes(2**20 + 1), b"g") + ONE + END, "too large", id="global header"),
        pytest.param(
            member("x", b"13 size=1024\n", b"x") + member("g", b"12 comment=\n", b"g") + ONE + END,
            "followed by a global one",
            id="a global header between",
        ),
        pytest.param(member("directory/", b"x" * 10, b"\0") + END, "invalid value", id="a directory with data"),
    ],
)
def test_headers_that_programs_read_differently_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(_archive.ArchiveError, match=words):
        read(data)


def test_an_extended_header_of_many_records_takes_no_time() -> None:
    records = b"6 ab=\n" * (2**20 // 6)
    assert read(member("x", records, b"x") + ONE + END, 2**18).members == 1


def looked_at(data: bytes) -> _archive_use.Use:
    use = _archive_use.Use()
    _archive.read_archive(pieces(data, 10240), use.see)
    return use


LONG = "long/" * 40 + "name"


@pytest.mark.parametrize("kind", FORMATS.values(), ids=FORMATS)
def test_names_and_sizes_of_members(kind: int) -> None:
    names = ["file", "d" * 80 + "/" + "e" * 90] + [LONG, "ü" * 120] * (kind != tarfile.USTAR_FORMAT)
    seen: list[_archive.Member] = []
    _archive.read_archive(pieces(archive_of(*names, kind=kind), 513), seen.append)
    assert seen == [_archive.Member(name.encode(), ord("0"), 700) for name in names]


@pytest.mark.parametrize("form", ["0.0", "0.1", "1.0", "gnu"])
def test_the_size_of_a_sparse_file_is_that_with_its_holes(form: str, tmp_path: Path) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.seek(5_000_000)
        file.write(b"x" * 5000)
        file.truncate(50_000_000)
    options = ["--format=gnu"] if form == "gnu" else ["--format=pax", "--sparse-version=" + form]
    tar = subprocess.run(
        ["tar", *options, "-S", "-c", "-C", str(tmp_path), "sparse"], check=True, capture_output=True
    ).stdout
    assert len(tar) < 100_000
    use = looked_at(tar)
    assert use.unpacked == 50_000_000
    # Engines unpack sparse files with pax headers.
    assert ("(-S)" in use.refused) == (form == "gnu")


@pytest.mark.parametrize(
    ("kind", "words"),
    [(b"S", "--sparse (-S)"), (b"V", "--label (-V)"), (b"M", "--multi-volume (-M)"), (b"D", "(-g)"), (b"7", "'7'")],
)
def test_what_engines_refuse_is_named(kind: bytes, words: str) -> None:
    use = looked_at(ONE + member("other", kind=kind) + END)
    assert words in use.refused and not use.images


HEX = "ab" * 32
MANIFEST, LAYOUT = ["manifest.json", "repositories"], ["oci-layout", "index.json"]


@pytest.mark.parametrize(
    ("names", "images"),
    [
        (
            ["%s/" % HEX, "%s/VERSION" % HEX, "%s/json" % HEX, "%s/layer.tar" % HEX, "%s.json" % HEX, *MANIFEST],
            "docker",
        ),
        (["%s.tar" % HEX, "%s.json" % HEX, *MANIFEST], "docker"),
        (["sha256:%s" % HEX, "%s.tar.gz" % HEX, "manifest.json"], "docker"),
        (["blobs/", "blobs/sha256/", "blobs/sha256/%s" % HEX, *LAYOUT, *MANIFEST], "docker"),
        (["%s/layer.tar" % HEX, "%s/json" % HEX, "repositories"], "docker"),
        (["./", "./blobs/", "./blobs/sha256/", "./blobs/sha256/%s" % HEX, "./oci-layout", "./index.json"], "oci"),
        (["blobs/sha256/%s" % HEX, *LAYOUT], "oci"),
        (["bin/", "bin/sh", "manifest.json"], ""),
        (["manifest.json"], ""),
        (["manifest.json", "index.json", "app.js"], ""),
        (["blobs/sha256/%s" % HEX, *LAYOUT, *MANIFEST, "etc/passwd"], ""),
        (["blobs/sha256/%s" % HEX, "index.json"], ""),
        (["srv/oci/oci-layout", "srv/oci/index.json", "srv/oci/blobs/sha256/%s" % HEX], ""),
    ],
)
def test_archives_of_images_are_told_from_file_systems(names: list[str], images: str) -> None:
    parts = [member(name, kind=tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE) for name in names]
    assert looked_at(b"".join(parts) + END).images == images
