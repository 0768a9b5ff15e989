# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shorthand of volumes, mounts, tmpfs and devices, as tables: the given value, the normalised value, the error."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._values import mounts

MIB = 1024**2


def volumes_there_and_back(normal: list[str]) -> list[str]:
    return sorted(mounts.volumes_from_api(*mounts.volumes_to_api(normal)))


# The given value, and the values that are compared.
VOLUMES: list[tuple[list[str], list[str]]] = [
    ([], []),
    (["/data"], ["/data"]),
    (["/data/"], ["/data"]),
    (["/data//"], ["/data"]),
    (["//data/../x/./y"], ["/x/y"]),
    (["/srv:/data"], ["/srv:/data"]),
    (["/srv/:/data/"], ["/srv:/data"]),
    (["/srv/../opt:/data"], ["/opt:/data"]),
    (["/:/host:ro"], ["/:/host:ro"]),
    (["vol:/data"], ["vol:/data"]),
    (["v1:/data"], ["v1:/data"]),
    (["V.o-l_1:/data"], ["V.o-l_1:/data"]),
    (["f" * 64 + ":/data"], ["f" * 64 + ":/data"]),
    (["/srv:/data:rw"], ["/srv:/data"]),
    (["/srv:/data:ro"], ["/srv:/data:ro"]),
    (["/srv:/data:z,ro"], ["/srv:/data:ro,z"]),
    (["/srv:/data:rw,Z"], ["/srv:/data:Z"]),
    (["/srv:/data:ro,ro"], ["/srv:/data:ro"]),
    (["/srv:/data:rprivate"], ["/srv:/data"]),
    (["/srv:/data:rslave,cached,ro"], ["/srv:/data:cached,ro,rslave"]),
    (["vol:/data:nocopy,rw"], ["vol:/data:nocopy"]),
    (["vol:/data:z,delegated"], ["vol:/data:delegated,z"]),
    (["vol:/b", "/c", "/srv:/a"], ["/c", "/srv:/a", "vol:/b"]),
    (["/srv/a b:/data/c d"], ["/srv/a b:/data/c d"]),
]
VOLUMES += [
    (["/srv:/x:" + mode], ["/srv:/x:" + mode]) for mode in mounts.MODES if mode not in ("rw", "rprivate", "nocopy")
]

VOLUME_ERRORS: list[tuple[list[str], str]] = [
    ([""], "volume '' is not of a known form: use /target, name:/target, /source:/target"),
    ([":/data"], "volume ':/data' is not of a known form"),
    (["vol:"], "volume 'vol:' is not of a known form"),
    (["vol:/data:"], "volume 'vol:/data:' is not of a known form"),
    (["vol::ro"], "volume 'vol::ro' is not of a known form"),
    (["/a:/b:ro:z"], "volume '/a:/b:ro:z' is not of a known form"),
    (["data"], "volume 'data' has the target 'data', which is not absolute"),
    (["./data"], "volume './data' has the target './data', which is not absolute"),
    (["vol:data"], "volume 'vol:data' has the target 'data', which is not absolute"),
    (["/data:ro"], "volume '/data:ro' has the target 'ro', which is not absolute"),
    (["C:\\data:/data"], "volume 'C:\\\\data:/data' has the target '\\\\data'"),
    (["/"], "volume '/' has the target '/': the engine mounts nothing there"),
    (["vol:/"], "volume 'vol:/' has the target '/'"),
    (["vol:/a/.."], "volume 'vol:/a/..' has the target '/'"),
    (["a/b:/data"], "volume 'a/b:/data' has the source 'a/b': use an absolute path, one that begins with ~/ or ./"),
    (["-vol:/data"], "volume '-vol:/data' has the source '-vol'"),
    (["v ol:/data"], "volume 'v ol:/data' has the source 'v ol'"),
    (["~no-such-user/x:/data"], "volume '~no-such-user/x:/data' names the home of a user that is not known"),
    (["/a:/b:foo"], "volume '/a:/b:foo' has the unknown mode 'foo': use some of ro, rw, z, Z, cached,"),
    (["/a:/b:RO"], "has the unknown mode 'RO'"),
    (["/a:/b:ro,"], "has the unknown mode ''"),
    (["/a:/b:ro, z"], "has the unknown mode ' z'"),
    (["/a:/b:rw,ro"], "volume '/a:/b:rw,ro' has the modes ro and rw, which exclude each other: use one"),
    (["/a:/b:Z,z"], "has the modes z and Z, which exclude each other"),
    (["/a:/b:cached,delegated"], "has the modes cached and delegated, which exclude"),
    (["/a:/b:shared,rslave"], "has the modes shared and rslave, which exclude"),
    (["/a:/b:nocopy"], "volume '/a:/b:nocopy' has the mode nocopy: it is for a volume that has a name, leave it out"),
    (["aa:/b:rshared"], "volume 'aa:/b:rshared' has the mode rshared: it is for a directory of the host, leave it out"),
    (["/a:/data", "/data"], "target '/data' is given twice"),
    (["/data", "/data"], "target '/data' is given twice"),
    (["aa:/data", "bb:/data/"], "target '/data' is given twice"),
]


@pytest.mark.parametrize(("given", "normal"), VOLUMES)
def test_volumes(given: list[str], normal: list[str]) -> None:
    written = mounts.volumes(given)
    assert mounts.volumes_compared(written) == normal
    assert mounts.volumes_compared(normal) == normal
    assert volumes_there_and_back(written) == written
    assert mounts.volumes(written) == written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("/data", "/data"),
        ("/data/", "/data/"),
        ("/srv:/data", "/srv:/data:rw"),
        ("/srv/:/data/", "/srv/:/data/:rw"),
        ("vol:/data", "vol:/data:rw"),
        ("/srv:/data:rw", "/srv:/data:rw"),
        ("/srv:/data:z,ro", "/srv:/data:z,ro"),
        ("/srv:/data:z", "/srv:/data:z"),
    ],
)
def test_volumes_are_written_as_given(given: str, written: str) -> None:
    assert mounts.volumes([given]) == [written]


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("~/data:/data", "{home}/data:/data"),
        ("~:/data:ro", "{home}:/data:ro"),
        ("./data:/data", "{here}/data:/data"),
        (".:/data", "{here}:/data"),
        ("..:/data", "{above}:/data"),
        ("../data/:/data", "{above}/data:/data"),
        (".data/x:/data", "{here}/.data/x:/data"),
    ],
)
def test_volume_source_that_is_not_absolute(
    given: str, normal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.chdir(tmp_path)
    expected = normal.format(home="/home/somebody", here=tmp_path, above=tmp_path.parent)
    assert mounts.volumes_compared(mounts.volumes([given])) == [expected]


@pytest.mark.parametrize(("given", "message"), VOLUME_ERRORS)
def test_wrong_volumes(given: list[str], message: str) -> None:
    with pytest.raises(ValueError) as error:
        mounts.volumes(given)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("binds", "volumes", "normal"),
    [
        (None, None, []),
        ([], {}, []),
        (None, {"/data": {}, "/cache/": {}}, ["/cache", "/data"]),
        (["/srv:/data:rw"], None, ["/srv:/data"]),
        (["/srv/:/data/:rw,z"], {"/data": {}}, ["/srv:/data:z"]),
        (["vol:/data:ro"], {"/data/": {}, "/x": {}}, ["/x", "vol:/data:ro"]),
        (["vol:/data:z,ro"], {}, ["vol:/data:ro,z"]),
        (["/srv:/data:what,ever"], {}, ["/srv:/data:ever,what"]),
    ],
)
def test_volumes_from_api(binds: Any, volumes: Any, normal: list[str]) -> None:
    assert mounts.volumes_compared(mounts.volumes_from_api(binds, volumes)) == normal


def test_volumes_to_api() -> None:
    assert mounts.volumes_to_api(["/cache", "/srv:/data:ro", "vol:/x"]) == (
        ["/srv:/data:ro", "vol:/x"],
        {"/cache": {}},
    )


MOUNTS: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [
    ([], []),
    ([{"target": "/a"}], [{"Target": "/a", "Type": "volume"}]),
    ([{"target": "/a/", "type": "volume"}], [{"Target": "/a/", "Type": "volume"}]),
    (
        [{"target": "/a", "source": "vol", "type": "volume", "no_copy": True}],
        [{"Target": "/a", "Source": "vol", "Type": "volume", "VolumeOptions": {"NoCopy": True}}],
    ),
    (
        [{"target": "/a", "source": "/srv/", "type": "bind", "read_only": True}],
        [{"Target": "/a", "Source": "/srv/", "Type": "bind", "ReadOnly": True}],
    ),
    (
        [{"target": "/a", "source": "/", "type": "bind", "read_only": False, "consistency": "cached"}],
        [{"Target": "/a", "Source": "/", "Type": "bind", "Consistency": "cached"}],
    ),
    (
        [
            {
                "target": "/a",
                "source": "/srv",
                "type": "bind",
                "propagation": "rslave",
                "non_recursive": True,
                "create_mountpoint": True,
            }
        ],
        [
            {
                "Target": "/a",
                "Source": "/srv",
                "Type": "bind",
                "BindOptions": {"Propagation": "rslave", "NonRecursive": True, "CreateMountpoint": True},
            }
        ],
    ),
    (
        [{"target": "/a", "source": "/srv", "type": "bind", "non_recursive": False, "create_mountpoint": False}],
        [{"Target": "/a", "Source": "/srv", "Type": "bind"}],
    ),
    (
        [
            {
                "target": "/a",
                "labels": {"x": True, "y": None},
                "volume_driver": "local",
                "volume_options": {"type": "tmpfs", "size": 1, "o": ""},
                "no_copy": False,
            }
        ],
        [
            {
                "Target": "/a",
                "Type": "volume",
                "VolumeOptions": {
                    "Labels": {"x": "true", "y": ""},
                    "DriverConfig": {"Name": "local", "Options": {"type": "tmpfs", "size": "1", "o": ""}},
                },
            }
        ],
    ),
    (
        [{"target": "/a", "volume_options": {"type": "tmpfs"}, "labels": {}}],
        [{"Target": "/a", "Type": "volume", "VolumeOptions": {"DriverConfig": {"Options": {"type": "tmpfs"}}}}],
    ),
    (
        [{"target": "/a", "type": "tmpfs", "tmpfs_size": "64m", "tmpfs_mode": "1777"}],
        [{"Target": "/a", "Type": "tmpfs", "TmpfsOptions": {"SizeBytes": 64 * MIB, "Mode": 0o1777}}],
    ),
    (
        [{"target": "/a", "type": "tmpfs", "tmpfs_mode": "0o755", "source": ""}],
        [{"Target": "/a", "Type": "tmpfs", "TmpfsOptions": {"Mode": 0o755}}],
    ),
    (
        [{"target": "/a", "type": "tmpfs", "tmpfs_mode": "00700", "tmpfs_size": "0"}],
        [{"Target": "/a", "Type": "tmpfs", "TmpfsOptions": {"Mode": 0o700}}],
    ),
    (
        [{"target": "/a", "source": r"\\.\pipe\x", "type": "npipe"}],
        [{"Target": "/a", "Source": r"\\.\pipe\x", "Type": "npipe"}],
    ),
    (
        [{"target": "/b"}, {"target": "/a:c", "type": "tmpfs"}],
        [{"Target": "/a:c", "Type": "tmpfs"}, {"Target": "/b", "Type": "volume"}],
    ),
    (
        [{"target": "/b", "source": None, "type": "volume", "labels": None, "tmpfs_size": None, "propagation": None}],
        [{"Target": "/b", "Type": "volume"}],
    ),
]

BIND = {"target": "/a", "source": "/srv", "type": "bind"}
VOLUME = {"target": "/a", "type": "volume"}
TMPFS = {"target": "/a", "type": "tmpfs"}

MOUNT_ERRORS: list[tuple[list[dict[str, Any]], str]] = [
    ([{**BIND, "no_copy": True}], "mount '/a' of type bind can't have no_copy: it is for type volume"),
    ([{**BIND, "no_copy": False}], "mount '/a' of type bind can't have no_copy"),
    ([{**BIND, "labels": {"a": "b"}}], "mount '/a' of type bind can't have labels: it is for type volume"),
    ([{**BIND, "volume_driver": "local"}], "mount '/a' of type bind can't have volume_driver: it is for type volume"),
    ([{**TMPFS, "volume_options": {}}], "mount '/a' of type tmpfs can't have volume_options: it is for type volume"),
    ([{**VOLUME, "propagation": "shared"}], "mount '/a' of type volume can't have propagation: it is for type bind"),
    ([{**VOLUME, "non_recursive": True}], "mount '/a' of type volume can't have non_recursive: it is for type bind"),
    ([{**TMPFS, "create_mountpoint": True}], "mount '/a' of type tmpfs can't have create_mountpoint: it is for type"),
    ([{**VOLUME, "tmpfs_size": "1m"}], "mount '/a' of type volume can't have tmpfs_size: it is for type tmpfs"),
    ([{"target": "/a", "tmpfs_mode": "755"}], "mount '/a' of type volume can't have tmpfs_mode: it is for type tmpfs"),
    ([{**BIND, "source": None}], "mount '/a' of type bind needs source: the path on the engine's host"),
    ([{**BIND, "source": ""}], "mount '/a' of type bind needs source"),
    ([{"target": "/a", "type": "npipe"}], "mount '/a' of type npipe needs source"),
    ([{**TMPFS, "source": "/srv"}], "mount '/a' of type tmpfs can't have source: leave it out"),
    ([{**BIND, "source": "srv"}], "mount '/a' has the source 'srv', which is not absolute"),
    ([{**BIND, "source": "~/srv"}], "mount '/a' has the source '~/srv', which is not absolute"),
    ([{**VOLUME, "source": "/srv"}], "mount '/a' has the source '/srv': use a volume's name, or the type bind for a"),
    ([{"target": "a"}], "mount 'a' has the target 'a', which is not absolute: use an absolute path in the container"),
    ([{"target": ""}], "mount '' has the target '', which is not absolute"),
    ([{"target": "/"}], "mount '/' has the target '/': the engine mounts nothing there"),
    ([VOLUME, {**TMPFS, "target": "/a/"}], "target '/a' is given twice"),
    ([{**TMPFS, "tmpfs_size": "64x"}], "size '64x' is not a number with a unit"),
    ([{**TMPFS, "tmpfs_size": "-1"}], "size '-1' is negative"),
    ([{**TMPFS, "tmpfs_mode": "789"}], "mount '/a' has the mode '789': use octal digits in quotes such as '1777'"),
    ([{**TMPFS, "tmpfs_mode": "10000"}], "mount '/a' has the mode '10000'"),
    ([{**TMPFS, "tmpfs_mode": "rwx"}], "mount '/a' has the mode 'rwx'"),
    ([{**TMPFS, "tmpfs_mode": "-755"}], "mount '/a' has the mode '-755'"),
    ([{**VOLUME, "labels": {"a": ["b"]}}], "the value of 'a' is a list"),
    ([{**VOLUME, "volume_options": {"a": {}}}], "the value of 'a' is a dict"),
    ([{"target": "/t", "type": "volume", "read_only_force_recursive": True}], "can't have read_only_force_recursive:"),
    ([{"target": "/t", "type": "volume", "read_only_non_recursive": True}], "can't have read_only_non_recursive:"),
    ([{"target": "/t", "type": "bind", "source": "/etc", "subpath": "a"}], "can't have subpath:"),
    ([{"target": "/t", "type": "volume", "tmpfs_options": [{"exec": ""}]}], "can't have tmpfs_options:"),
    ([{"target": "/t", "source": "v", "subpath": "/a"}], "use a relative path"),
    ([{"target": "/t", "source": "v", "subpath": "a/../../b"}], "use a relative path"),
    ([{"target": "/t", "type": "image"}], "needs source: the name of an image"),
    (
        [
            {
                "target": "/t",
                "type": "bind",
                "source": "/etc",
                "read_only_non_recursive": True,
                "read_only_force_recursive": True,
            }
        ],
        "two ways",
    ),
]


@pytest.mark.parametrize(("given", "normal"), MOUNTS)
def test_mounts(given: list[dict[str, Any]], normal: list[dict[str, Any]]) -> None:
    assert mounts.mounts_to_api(mounts.mounts(given)) == normal
    assert mounts.mounts_from_api(normal) == normal


@pytest.mark.parametrize(
    ("given", "compared"),
    [
        ({"target": "/a/"}, {"Target": "/a", "Type": "volume"}),
        ({"target": "/a", "source": ""}, {"Target": "/a", "Type": "volume", "Source": ""}),
        ({"target": "/a", "read_only": False}, {"Target": "/a", "Type": "volume", "ReadOnly": False}),
        (
            {"target": "/a", "no_copy": False, "labels": {}, "volume_driver": "local", "volume_options": {}},
            {
                "Target": "/a",
                "Type": "volume",
                "VolumeOptions": {"NoCopy": False, "Labels": {}, "DriverConfig": {"Name": "", "Options": {}}},
            },
        ),
        (
            {"target": "/a", "type": "bind", "source": "/srv/", "propagation": "rprivate", "consistency": "default"},
            {
                "Target": "/a",
                "Type": "bind",
                "Source": "/srv",
                "Consistency": "",
                "BindOptions": {"Propagation": ""},
            },
        ),
        (
            {"target": "/a", "type": "tmpfs", "tmpfs_size": "", "tmpfs_mode": "1777", "tmpfs_options": [{"b": "1"}]},
            {"Target": "/a", "Type": "tmpfs", "TmpfsOptions": {"SizeBytes": 0, "Mode": 0, "Options": [["b", "1"]]}},
        ),
    ],
)
def test_what_is_compared_of_a_mount(given: dict[str, Any], compared: dict[str, Any]) -> None:
    found = mounts.mounts_compared(mounts.mounts([given]))
    assert found == [compared]
    assert mounts.mounts_compared(found) == found


def test_the_mark_of_an_anonymous_volume_is_not_compared() -> None:
    api = {"Target": "/a", "Type": "volume", "VolumeOptions": {"Labels": {"com.docker.volume.anonymous": ""}}}
    compared = mounts.mounts_compared(mounts.mounts_from_api([api]))
    assert mounts.with_nothing(compared, [{"Target": "/a"}]) == [{"Target": "/a", "Type": "volume"}]


@pytest.mark.parametrize(
    ("observed", "wanted", "found"),
    [
        ([], [{"Target": "/a", "ReadOnly": False}], []),
        ([{"Target": "/a"}], [{"Target": "/a", "ReadOnly": False}], [{"Target": "/a", "ReadOnly": False}]),
        ([{"Target": "/a", "ReadOnly": True}], [{"Target": "/a", "ReadOnly": False}], None),
        ([{"Target": "/a", "X": {"Y": ""}}], [{"Target": "/a"}], [{"Target": "/a"}]),
        ([{"Target": "/a"}], [{"Target": "/a", "X": {"Y": 0}}], [{"Target": "/a", "X": {"Y": 0}}]),
        (
            [{"Target": "/a", "X": {"Z": 1}}],
            [{"Target": "/a", "X": {"Y": 0}}],
            [{"Target": "/a", "X": {"Y": 0, "Z": 1}}],
        ),
    ],
)
def test_with_nothing(observed: Any, wanted: Any, found: Any) -> None:
    assert mounts.with_nothing(observed, wanted) == (observed if found is None else found)


@pytest.mark.parametrize(("given", "message"), MOUNT_ERRORS)
def test_wrong_mounts(given: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValueError) as error:
        mounts.mounts(given)
    assert message in str(error.value)


@pytest.mark.parametrize("option", sorted(mounts.MOUNT_TYPES))
def test_every_sub_option_of_one_type_is_refused_for_the_others(option: str) -> None:
    assert any("can't have %s:" % option in message for _given, message in MOUNT_ERRORS)


@pytest.mark.parametrize(
    ("api", "normal"),
    [
        (None, []),
        ([], []),
        (
            [
                {"Type": "volume", "Source": "", "Target": "/b/", "ReadOnly": False, "VolumeOptions": {}},
                {"Type": "bind", "Source": "/srv/", "Target": "/a", "BindOptions": {"Propagation": ""}},
            ],
            [{"Type": "bind", "Source": "/srv/", "Target": "/a"}, {"Type": "volume", "Target": "/b/"}],
        ),
        (
            [
                {
                    "Type": "volume",
                    "Target": "/a",
                    "VolumeOptions": {
                        "NoCopy": False,
                        "Labels": {"x": ""},
                        "DriverConfig": {"Name": "", "Options": {"o": ""}},
                    },
                }
            ],
            [
                {
                    "Type": "volume",
                    "Target": "/a",
                    "VolumeOptions": {"Labels": {"x": ""}, "DriverConfig": {"Options": {"o": ""}}},
                }
            ],
        ),
        (
            [{"Type": "volume", "Target": "/a", "VolumeOptions": {"Labels": {}, "DriverConfig": None}}],
            [{"Type": "volume", "Target": "/a"}],
        ),
        (
            [{"Type": "tmpfs", "Target": "/a", "BindOptions": None, "TmpfsOptions": {"SizeBytes": 0, "Mode": 1023}}],
            [{"Type": "tmpfs", "Target": "/a", "TmpfsOptions": {"Mode": 1023}}],
        ),
    ],
)
def test_mounts_from_api(api: Any, normal: list[dict[str, Any]]) -> None:
    assert mounts.mounts_from_api(api) == normal


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ([], {}),
        (["/run"], {"/run": ""}),
        (["/run:"], {"/run": ""}),
        (["/run/"], {"/run/": ""}),
        (["/run:size=64m,mode=1777"], {"/run": "size=64m,mode=1777"}),
        (["/run:ro", "/tmp:exec"], {"/run": "ro", "/tmp": "exec"}),
    ],
)
def test_tmpfs(given: list[str], normal: dict[str, str]) -> None:
    assert mounts.tmpfs(given) == normal


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["run"], "tmpfs 'run' has the target 'run', which is not absolute: use /target or /target:options such as"),
        ([""], "tmpfs '' has the target '', which is not absolute"),
        ([":size=1m"], "tmpfs ':size=1m' has the target ''"),
        (["/:size=1m"], "tmpfs '/:size=1m' has the target '/': the engine mounts nothing there"),
        (["/run", "/run/:ro"], "target '/run' is given twice"),
    ],
)
def test_wrong_tmpfs(given: list[str], message: str) -> None:
    with pytest.raises(ValueError) as error:
        mounts.tmpfs(given)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("options", "compared"),
    [
        ("", ""),
        ("rw,noexec,nosuid,nodev", ""),
        ("defaults,async", ""),
        ("exec", "exec"),
        ("exec,noexec", ""),
        ("noexec,exec", "exec"),
        ("ro,suid", "ro,suid"),
        ("size=1m,mode=1777", "mode=1777,size=1048576"),
        ("mode=01777,size=1024K", "mode=1777,size=1048576"),
        ("size=5m,size=1m", "size=1048576"),
        ("size=1g", "size=1073741824"),
        ("size=50%", "size=50%"),
        ("nr_inodes=1k,uid=1k", "nr_inodes=1024,uid=1k"),
        ("mode=0", "mode=0"),
        ("noatime,mpol=bind:0", "mpol=bind:0,noatime"),
    ],
)
def test_what_is_compared_of_a_tmpfs(options: str, compared: str) -> None:
    assert mounts.tmpfs_compared({"/run/": options}) == {"/run": compared}
    assert mounts.tmpfs_compared({"/run": compared}) == {"/run": compared}


@pytest.mark.parametrize(
    ("given", "compared"),
    [
        ([], []),
        (["web"], ["web"]),
        (["web:rw"], ["web"]),
        (["web:ro", "db"], ["db", "web:ro"]),
        (["web:z,ro"], ["web:ro,z"]),
        (["web", "web:rw"], ["web"]),
        (["web", "/web:rw"], ["web"]),
    ],
)
def test_what_is_compared_of_volumes_from(given: list[str], compared: list[str]) -> None:
    assert mounts.volumes_from_compared(given) == compared


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ([], []),
        (["/dev/x"], ["/dev/x:/dev/x:rwm"]),
        (["/dev/x:/dev/y"], ["/dev/x:/dev/y:rwm"]),
        (["/dev/x:r"], ["/dev/x:/dev/x:r"]),
        (["/dev/x:/dev/y:r"], ["/dev/x:/dev/y:r"]),
        (["/dev/x:/dev/y:mwr"], ["/dev/x:/dev/y:rwm"]),
        (["/dev/x:/dev/y:wr"], ["/dev/x:/dev/y:rw"]),
        (["/dev/x:/dev/y:rr"], ["/dev/x:/dev/y:r"]),
        (["/dev//x/"], ["/dev/x:/dev/x:rwm"]),
        (["/dev/z", "/dev/a:m"], ["/dev/a:/dev/a:m", "/dev/z:/dev/z:rwm"]),
        (["/dev/a", "/dev/a:/dev/a"], ["/dev/a:/dev/a:rwm"]),
    ],
)
def test_devices(given: list[str], normal: list[str]) -> None:
    written = mounts.devices(given)
    assert mounts.devices_compared(written) == normal
    assert mounts.devices_from_api(mounts.devices_to_api(written)) == written
    assert mounts.devices(written) == written


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([""], "device '' is not of a known form: use /dev/source, /dev/source:/dev/target"),
        (["/dev/x:"], "device '/dev/x:' is not of a known form"),
        (["/dev/x::r"], "device '/dev/x::r' is not of a known form"),
        (["/dev/x:/dev/y:"], "device '/dev/x:/dev/y:' is not of a known form"),
        (["/dev/x:/dev/y:r:w"], "device '/dev/x:/dev/y:r:w' is not of a known form"),
        (["dev/x"], "device 'dev/x' has a path that is not absolute: use /dev/source"),
        (["vendor.com/gpu=all"], "device 'vendor.com/gpu=all' has a path that is not absolute"),
        (["/dev/x:dev/y:r"], "device '/dev/x:dev/y:r' has a path that is not absolute"),
        (["/dev/x:/dev/y:rx"], "device '/dev/x:/dev/y:rx' has the permissions 'rx': use letters of rwm"),
        (["/dev/x:dev/y"], "device '/dev/x:dev/y' has the permissions 'dev/y': use letters of rwm"),
        (["/dev/x:R"], "device '/dev/x:R' has the permissions 'R'"),
        (["/dev/x:/dev/z", "/dev/y:/dev/z"], "target '/dev/z' is given twice"),
        (["/dev/x", "/dev/x:r"], "target '/dev/x' is given twice"),
    ],
)
def test_wrong_devices(given: list[str], message: str) -> None:
    with pytest.raises(ValueError) as error:
        mounts.devices(given)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("api", "normal"),
    [
        (None, []),
        (
            [
                {"PathOnHost": "/dev/z", "PathInContainer": "/dev/a", "CgroupPermissions": "mr"},
                {"PathOnHost": "/dev/b", "PathInContainer": "", "CgroupPermissions": "rwm"},
            ],
            ["/dev/b:/dev/b:rwm", "/dev/z:/dev/a:rm"],
        ),
        ([{"PathOnHost": "/dev/b", "PathInContainer": "/dev/b", "CgroupPermissions": ""}], ["/dev/b:/dev/b:"]),
    ],
)
def test_devices_from_api(api: Any, normal: list[str]) -> None:
    assert mounts.devices_compared(mounts.devices_from_api(api)) == normal


def test_devices_to_api() -> None:
    assert mounts.devices_to_api(["/dev/a:/dev/b:rm"]) == [
        {"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "rm"}
    ]


@pytest.mark.parametrize(
    ("volumes", "mount_list", "tmpfs", "expected"),
    [
        ([], [], {}, None),
        (["/a", "vol:/b", "/srv:/c:ro"], [{"Target": "/d"}], {"/e": ""}, None),
        (["/a", "vol:/b"], [{"Target": "/b"}], {}, "/b"),
        (["/a"], [{"Target": "/b"}], {"/a": ""}, "/a"),
        (["/srv:/c:ro"], [{"Target": "/b"}], {"/x": "", "/b": ""}, "/b"),
        (["/a", "/b"], [{"Target": "/b"}, {"Target": "/a"}], {"/a": ""}, "/b"),
        (["/b:/a"], [{"Target": "/b"}], {}, None),
        (["/b/"], [{"Target": "/b"}], {}, "/b"),
    ],
)
def test_duplicate_target(volumes: list[str], mount_list: Any, tmpfs: dict[str, str], expected: Any) -> None:
    assert mounts.duplicate_target(volumes, mount_list, tmpfs) == expected


@pytest.mark.parametrize("parse", [mounts.volumes, mounts.tmpfs, mounts.devices])
def test_nothing_given_is_changed(parse: Callable[..., Any]) -> None:
    given = ["/b", "/a"]
    parse(given)
    assert given == ["/b", "/a"]
