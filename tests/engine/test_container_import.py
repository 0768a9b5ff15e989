# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""container_import: which differences count, and that no bad image gets a name."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import large, sparse, tar, with_tar
from instruction_cases import STOP_SIGNAL, TAKEN

from ansible_collections.wharf.docker.plugins.module_utils._archive import unchecked_images as _unfinished
from ansible_collections.wharf.docker.plugins.module_utils._archive.imported_image import PARTS
from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._flow import writer as _writer
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_import as _container_import
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry
from ansible_collections.wharf.docker.plugins.module_utils._values import instructions as _instructions

zstandard = pytest.importorskip("zstandard")


def digest(path: str) -> str:
    return "sha256:" + hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.fixture
def src(tmp_path: Path) -> str:
    return tar(tmp_path / "rootfs.tar")


@pytest.fixture
def repository(name: str) -> str:
    """A name for images."""
    return name


def state(client: Any) -> list[Any]:
    """All images, with their names."""
    return sorted((image["Id"], sorted(image["RepoTags"] or [])) for image in client.images(all=True))


def names(client: Any) -> list[str]:
    return sorted(name for image in client.images(all=True) for name in image["RepoTags"] or [])


def four_ways(run: Any, client: Any, causes: list[str], **options: Any) -> dict[str, Any]:
    """Check mode predicts the change and touches nothing; afterwards there is nothing to do. Returns the result."""
    before = state(client)
    foreseen = run("container_import", check=True, expect="changed", **options)
    assert state(client) == before
    done = run("container_import", expect="changed", **options)
    for key in ("changed", "actions", "diff", "digest", "size", "previous_image"):
        assert done[key] == foreseen[key], key
    image = options["repository"] + ":" + options.get("tag", "latest")
    assert done["actions"] == ["import %s: %s" % (image, ", ".join(causes))]
    assert not [name for name in names(client) if name.startswith("wharf-import-")]
    after = state(client)
    for check in (False, True):
        again = run("container_import", check=check, expect="ok", **options)
        assert again["actions"] == []
        assert again["diff"] == {"before": {}, "after": {}}
        assert again["previous_image"] is None
        assert again["image_id"] == done["image_id"]
    assert state(client) == after
    assert client.inspect_image(image)["Id"] == done["image_id"] == done["image"]["Id"]
    return dict(done)


def test_a_new_image(run: Any, client: Any, src: str, repository: str) -> None:
    foreseen = run("container_import", check=True, src=src, repository=repository)
    assert foreseen["image"] == {} and foreseen["image_id"] is None
    done = four_ways(run, client, ["no such image"], src=src, repository=repository)
    assert done["image"]["RootFS"]["Layers"] == [digest(src)]
    assert done["image"]["RepoTags"] == [repository + ":latest"]
    assert done["digest"] == digest(src)
    assert done["size"] == os.path.getsize(src)
    assert done["previous_image"] is None
    assert done["diff"] == {"before": {}, "after": {"content": digest(src)}}


# Each option: of the first task, of the second task, the cause, and the diff.
CHANGES = [
    pytest.param(
        {"changes": ['CMD ["a"]']},
        {"changes": ['CMD ["a", "b"]']},
        'cmd ["a"] → ["a", "b"]',
        ({"cmd": ["a"]}, {"cmd": ["a", "b"]}),
        id="changes: CMD",
    ),
    pytest.param(
        {}, {"changes": "CMD a"}, 'cmd [] → ["/bin/sh", "-c", "a"]', ({"cmd": []}, {"cmd": ["/bin/sh", "-c", "a"]}),
        id="changes: CMD where there was none",
    ),
    pytest.param(
        {"changes": ['ENTRYPOINT ["a"]', "USER me"]}, {"changes": ["USER me"]}, 'entrypoint ["a"] → []',
        ({"entrypoint": ["a"]}, {"entrypoint": []}),
        id="changes: without ENTRYPOINT",
    ),
    pytest.param(
        {"changes": ["ENV A=1 B=2"]}, {"changes": ["ENV B=2 A=3"]}, "env A", ({"env": {"A": "1"}}, {"env": {"A": "3"}}),
        id="changes: ENV",
    ),
    pytest.param(
        {"changes": ["LABEL a=1 b=2"]}, {"changes": ["LABEL a=1 c=3"]}, "labels.b 2 → (none), labels.c (none) → 3",
        ({"labels": {"b": "2"}}, {"labels": {"c": "3"}}),
        id="changes: LABEL",
    ),
    pytest.param(
        {"changes": ["EXPOSE 80"]}, {"changes": ["EXPOSE 80-81"]}, 'exposed_ports ["80/tcp"] → ["80/tcp", "81/tcp"]',
        ({"exposed_ports": ["80/tcp"]}, {"exposed_ports": ["80/tcp", "81/tcp"]}),
        id="changes: EXPOSE",
    ),
    pytest.param(
        {"changes": ["HEALTHCHECK CMD a"]}, {"changes": ["HEALTHCHECK --retries=2 CMD a"]},
        "healthcheck.Retries (none) → 2", ({"healthcheck": {}}, {"healthcheck": {"Retries": 2}}),
        id="changes: HEALTHCHECK",
    ),
    pytest.param(
        {"changes": ["ONBUILD RUN a"]}, {"changes": ["ONBUILD RUN b"]}, 'onbuild ["RUN a"] → ["RUN b"]',
        ({"onbuild": ["RUN a"]}, {"onbuild": ["RUN b"]}),
        id="changes: ONBUILD",
    ),
    pytest.param(
        {"changes": ["USER a"]}, {"changes": ["USER b"]}, "user a → b", ({"user": "a"}, {"user": "b"}),
        id="changes: USER",
    ),
    pytest.param(
        {"changes": ["VOLUME /a"]}, {"changes": []}, 'volumes ["/a"] → []', ({"volumes": ["/a"]}, {"volumes": []}),
        id="changes: VOLUME",
    ),
    pytest.param(
        {"changes": ["WORKDIR /a"]}, {}, "working_dir /a → (none)", ({"working_dir": "/a"}, {"working_dir": ""}),
        id="changes: WORKDIR",
    ),
    pytest.param(
        {"commit_message": "one"}, {"commit_message": "two"}, "message one → two",
        ({"message": "one"}, {"message": "two"}),
        id="commit_message",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("first", "then", "cause", "diff"), CHANGES)
def test_what_makes_a_difference(
    first: dict[str, Any],
    then: dict[str, Any],
    cause: str,
    diff: tuple[dict[str, Any], dict[str, Any]],
    run: Any,
    client: Any,
    src: str,
    repository: str,
) -> None:
    old = four_ways(run, client, ["no such image"], src=src, repository=repository, **first)
    new = four_ways(run, client, [cause], src=src, repository=repository, **then)
    assert (new["diff"]["before"], new["diff"]["after"]) == diff
    assert new["previous_image"] == old["image_id"] != new["image_id"]
    # The previous image still exists, without the name.
    assert client.inspect_image(old["image_id"])["RepoTags"] == []


def test_other_content(run: Any, client: Any, src: str, repository: str) -> None:
    options = {"src": src, "repository": repository, "changes": 'CMD ["a"]'}
    old = four_ways(run, client, ["no such image"], **options)
    tar(Path(src), "two")
    cause = "content %s → %s" % (old["digest"][:19], digest(src)[:19])
    new = four_ways(run, client, [cause], **options)
    assert new["diff"] == {"before": {"content": old["digest"]}, "after": {"content": digest(src)}}


@pytest.mark.parametrize(
    ("options", "image"),
    [
        ({"repository": "{}"}, "{}:latest"),
        ({"repository": "{}", "tag": "1"}, "{}:1"),
        ({"repository": "{}:1"}, "{}:1"),
        ({"repository": "{}:1", "tag": "1"}, "{}:1"),
        ({"repository": "localhost:5000/team/{}"}, "localhost:5000/team/{}:latest"),
        ({"repository": "localhost:5000/{}:v1.0-rc_1"}, "localhost:5000/{}:v1.0-rc_1"),
    ],
)
def test_names(options: dict[str, str], image: str, run: Any, client: Any, src: str, repository: str) -> None:
    options = {key: value.format(repository) for key, value in options.items()}
    assert run("container_import", src=src, **options)["image"]["RepoTags"] == [image.format(repository)]
    run("container_import", expect="ok", src=src, **options)
    run("container_import", expect="ok", check=True, src=src, repository=image.format(repository))


def test_another_tag_is_another_image(run: Any, client: Any, src: str, repository: str) -> None:
    first = run("container_import", src=src, repository=repository, tag="1")
    four_ways(run, client, ["no such image"], src=src, repository=repository, tag="2")
    assert client.inspect_image(repository + ":1")["Id"] == first["image_id"]


def test_a_message_that_is_not_given(run: Any, src: str, repository: str) -> None:
    run("container_import", src=src, repository=repository, commit_message="one")
    for options in ({}, {"commit_message": ""}):
        run("container_import", expect="ok", src=src, repository=repository, **options)
    assert "message" not in run("container_import", src=src, repository=repository, changes="USER a")["diff"]["after"]
    # The name of docker import's option. It can't be an alias, since Ansible reserves it.
    run("container_import", src=src, repository=repository, message="two")
    run("container_import", expect="ok", src=src, repository=repository, commit_message="two")
    run("container_import", expect="ok", src=src, repository=repository, message="")


@pytest.mark.parametrize(("changes", "config"), TAKEN)
def test_the_engine_reads_the_instructions_the_same(
    changes: Any, config: dict[str, Any], engine: Any, client: Any, src: str, repository: str
) -> None:
    """The task itself fails if the engine's configuration differs; the test checks it again."""
    arguments = {"docker_host": engine.url, "src": src, "repository": repository, "changes": changes}
    result = _task.call(_registry.task("container_import"), arguments)
    assert result.get("msg") is None
    made = client.inspect_image(repository)["Config"]
    if made.get("WorkingDir"):
        made["WorkingDir"] = _instructions.plain_path(made["WorkingDir"])
    for key in PARTS:
        assert (made.get(key) or None) == config.get(key), key
    assert _task.call(_registry.task("container_import"), arguments)["changed"] is False


def test_stop_signal(engine: Any, run: Any, client: Any, src: str, repository: str) -> None:
    changes, config = STOP_SIGNAL
    options = {"src": src, "repository": repository, "changes": changes}
    if tuple(map(int, client.version()["ApiVersion"].split("."))) < (1, 42):
        before = state(client)
        for check in (True, False):
            assert "can't take STOPSIGNAL" in run("container_import", expect="failed", check=check, **options)["msg"]
        assert state(client) == before
        return
    four_ways(run, client, ["no such image"], **options)
    assert client.inspect_image(repository)["Config"]["StopSignal"] == config["StopSignal"]


@pytest.mark.parametrize(
    "changes",
    [
        'CMD ["/bin/sh", "-c", "echo a,b"]\nENV A=1,2',
        ['CMD ["/bin/sh", "-c", "echo a,b"]', "ENV A=1,2"],
        ['CMD ["/bin/sh", "-c", "echo a,b"]\nENV A=1,2'],
        '# text\nCMD ["/bin/sh", \\\n  "-c", "echo a,b"]\n\nENV A=1,2\n',
        '["CMD [\\"/bin/sh\\", \\"-c\\", \\"echo a,b\\"]", "ENV A=1,2"]',
    ],
)
def test_changes_as_text_and_as_a_list(changes: Any, run: Any, src: str, repository: str) -> None:
    image = run("container_import", src=src, repository=repository, changes=changes)["image"]
    assert image["Config"]["Cmd"] == ["/bin/sh", "-c", "echo a,b"]
    assert image["Config"]["Env"] == ["A=1,2"]
    run("container_import", expect="ok", src=src, repository=repository, changes=changes)


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip in parts": lambda data: gzip.compress(data[:5000]) + gzip.compress(data[5000:]),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


@pytest.mark.parametrize("compression", PACKED)
def test_compression_is_no_difference(compression: str, run: Any, client: Any, src: str, repository: str) -> None:
    data = Path(src).read_bytes()
    packed = src + ".packed"
    Path(packed).write_bytes(PACKED[compression](data))
    done = four_ways(run, client, ["no such image"], src=packed, repository=repository)
    assert done["digest"] == digest(src)
    assert done["size"] == len(data)
    run("container_import", expect="ok", src=src, repository=repository)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_formats(form: int, run: Any, client: Any, tmp_path: Path, repository: str) -> None:
    path = tar(tmp_path / "x", members=50, form=form)
    with tarfile.open(path, "a", format=form) as archive:
        member = tarfile.TarInfo("d" * 90 if form == tarfile.USTAR_FORMAT else "long-ü/" * 40 + "file")
        archive.addfile(member)
    four_ways(run, client, ["no such image"], src=path, repository=repository)


def test_a_foreign_image_of_several_layers(run: Any, client: Any, image: str, src: str, repository: str) -> None:
    """The name belongs to an image of docker commit: it is replaced, whatever it is."""
    container = client.create_container(image, ["true"])
    try:
        client.put_archive(container, "/", Path(src).read_bytes())
        client.commit(container, repository)
    finally:
        client.remove_container(container)
    cause = "content 2 layers → %s" % digest(src)[:19]
    result = run("container_import", expect="changed", src=src, repository=repository)
    assert cause in result["actions"][0]
    run("container_import", expect="ok", src=src, repository=repository)


def cut(path: str, size: int) -> None:
    os.truncate(path, size)


def write_at(path: str, position: int, data: bytes) -> None:
    with open(path, "r+b") as file:
        file.seek(position)
        file.write(data)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("images", [1, 2])
def test_an_archive_of_docker_save(
    images: int, packed: bool, check: bool, run: Any, client: Any, image: str, src: str, repository: str, tmp_path: Path
) -> None:
    run("container_import", src=src, repository=repository)
    answer = client._get(client._url("/images/get"), params={"names": [image, repository][:images]}, stream=True)
    saved = answer.content
    path = tmp_path / "saved.tar"
    path.write_bytes(gzip.compress(saved) if packed else saved)
    before = state(client)
    result = run("container_import", expect="failed", check=check, src=str(path), repository=repository, tag="2")
    assert "an archive of images as docker save writes it" in result["msg"]
    assert "docker load -i %s" % path in result["msg"]
    assert "community.docker.docker_image_load" in result["msg"]
    assert state(client) == before


def test_a_file_system_with_the_files_of_an_archive_of_images(
    run: Any, client: Any, image: str, repository: str, tmp_path: Path
) -> None:
    """A file system may well contain the files that docker save writes."""
    path = tmp_path / "x.tar"
    path.write_bytes(b"".join(client.get_image(image)))
    with tarfile.open(path, "a") as archive:
        archive.addfile(tarfile.TarInfo("etc/motd"))
    four_ways(run, client, ["no such image"], src=str(path), repository=repository)


@pytest.mark.parametrize("options", [["--format=pax", "-S"], ["--format=pax", "-V", "disk"]])
def test_forms_of_tar_that_engines_take(
    options: list[str], run: Any, client: Any, repository: str, tmp_path: Path
) -> None:
    src = with_tar(tmp_path / "x.tar", *options)
    four_ways(run, client, ["no such image"], src=src, repository=repository)


def test_max_size(run: Any, client: Any, tmp_path: Path, repository: str) -> None:
    size = 20 * 2**20
    src = large(tmp_path / "bomb.tar.gz", size)
    whole = 512 + size + 1024
    for fits in (whole, "21m", "1g"):
        result = run("container_import", check=True, expect="changed", src=src, repository=repository, max_size=fits)
        assert result["size"] == whole
    four_ways(run, client, ["no such image"], src=src, repository=repository, max_size="21m")


def test_max_size_counts_holes(run: Any, tmp_path: Path, repository: str) -> None:
    src = sparse(tmp_path / "x.tar", 50 * 2**20)
    run("container_import", expect="changed", src=src, repository=repository, max_size="50m")


def test_a_failed_task_returns_what_it_knows(
    engine: Any, client: Any, src: str, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = {"docker_host": engine.url, "src": src, "repository": repository}
    task = _registry.task("container_import")
    good = _task.call(task, arguments)
    monkeypatch.setattr(_instructions, "configuration", lambda _instructions: {"User": "other"})
    failed = _task.call(task, {**arguments, "changes": "USER me"})
    assert failed["failed"]
    for key in ("image", "image_id", "digest", "size"):
        assert failed[key] == good[key], key


def left(client: Any) -> list[str]:
    return [name for name in names(client) if name.startswith("wharf-import-")]


def test_what_killed_imports_left(run: Any, client: Any, src: str, repository: str, tmp_path: Path) -> None:
    """Names of processes that have ended are removed. Names of possibly running imports stay."""
    process = subprocess.Popen(["sleep", "1000"])
    alive, mine = _unfinished.new_name(), _unfinished.new_name()
    place, _pid, _started, thread, number = alive[len("wharf-import-") :].split("-")
    since = _writer._started(process.pid)
    alive = "wharf-import-%s-%d-%d-%s-%s" % (place, process.pid, since, thread, number)
    others = "wharf-import-%s-%d-%d-%s-%s" % ("0" * 12, process.pid, since, thread, number)
    nobody = "wharf-import-0123456789abcdef"
    reused = "wharf-import-%s-%d-%d-%s-%s" % (place, process.pid, since - 1, thread, number)
    own = "wharf-import-mine"
    try:
        run("container_import", src=src, repository=repository, tag="base")
        for name in (alive, mine, others, nobody, reused):
            client.tag(repository + ":base", name, "unchecked")
        client.tag(repository + ":base", own, "unchecked")
        client.tag(repository + ":base", nobody, "other")
        gone = sorted("%s:unchecked" % name for name in (mine, reused))
        stay = sorted([*("%s:unchecked" % name for name in (alive, others, nobody, own)), nobody + ":other"])
        options = {"src": src, "repository": repository, "tag": "base"}
        foreseen = run("container_import", check=True, expect="changed", **options)
        assert left(client) == sorted(gone + stay)
        done = run("container_import", expect="changed", **options)
        assert left(client) == stay
        assert done["actions"] == foreseen["actions"]
        assert done["actions"] == ["remove %s: an import that was killed left it" % name for name in gone]
        assert done["diff"] == foreseen["diff"] == {"before": {"unfinished": gone}, "after": {"unfinished": []}}
        assert done["previous_image"] is None
        run("container_import", expect="ok", **options)
    finally:
        process.kill()
        process.wait()
    # After the process has ended, and together with an import.
    done = run("container_import", expect="changed", src=src, repository=repository, tag="next")
    assert [action.split(":")[0] for action in done["actions"]] == ["remove " + alive, "import " + repository]
    assert left(client) == sorted(set(stay) - {alive + ":unchecked"})


def old_image(client: Any, name: str) -> None:
    """Load an image of the year 2020 with ``docker load``."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("old"))
    diff = "sha256:" + hashlib.sha256(layer.getvalue()).hexdigest()
    config = json.dumps(
        {
            "created": "2020-01-01T00:00:00Z",
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [diff]},
        }
    )
    manifest = json.dumps([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}])
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        parts = {"config.json": config.encode(), "layer.tar": layer.getvalue(), "manifest.json": manifest.encode()}
        for path, data in parts.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    list(client.load_image(out.getvalue()))


@pytest.mark.parametrize("writer", ["", "000000000000-12-34-12-"])
def test_what_another_host_left_long_ago(writer: str, run: Any, client: Any, src: str, repository: str) -> None:
    name = "wharf-import-%s0123456789abcdef:unchecked" % writer
    old_image(client, name)
    assert left(client) == [name]
    run("container_import", check=True, expect="changed", src=src, repository=repository)
    assert left(client) == [name]
    run("container_import", expect="changed", src=src, repository=repository)
    assert left(client) == []


def test_a_file_of_the_controller(run: Any, src: str, repository: str) -> None:
    run("container_import", expect="changed", src=src, remote_src=False, repository=repository)
    run("container_import", expect="ok", src=src, remote_src=True, repository=repository)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: tar(Path(path), "TWO", members=9), id="other content"),
        pytest.param(lambda path: write_at(path, 2048 + 100, b"damage"), id="a damaged header"),
        pytest.param(lambda path: write_at(path, os.path.getsize(path), bytes(512)), id="longer"),
        pytest.param(lambda path: cut(path, 1500), id="shorter"),
        pytest.param(lambda path: cut(path, 0), id="empty"),
        pytest.param(os.unlink, id="gone"),
    ],
)
def test_a_file_that_changes_meanwhile(
    spoil: Any, engine: Any, client: Any, src: str, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = {"docker_host": engine.url, "src": src, "repository": repository}
    task = _registry.task("container_import")
    good = _task.call(task, arguments)
    before = state(client)
    tar(Path(src), "two", members=9)

    def read_and_spoil(wanted: Any, remote_src: bool, real: Any = _container_import.read_source) -> Any:
        content = real(wanted, remote_src)
        spoil(src)
        return content

    monkeypatch.setattr(_container_import, "read_source", read_and_spoil)
    result = _task.call(task, arguments)
    assert "changed while it was read" in result["msg"]
    assert "Nothing of it stays, and the name %s:latest is untouched." % repository in result["msg"]
    assert state(client) == before
    assert client.inspect_image(repository)["Id"] == good["image_id"]


def test_what_the_engine_refuses_is_undone(
    engine: Any, client: Any, src: str, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instructions that the engine refuses or reads differently. Neither is possible without the patch."""
    arguments = {"docker_host": engine.url, "src": src, "repository": repository}
    task = _registry.task("container_import")
    _task.call(task, arguments)
    before = state(client)
    monkeypatch.setattr(_instructions, "configuration", lambda _instructions: {"User": "other"})
    for changes, words in (("NONSENSE x", "is not a valid change command"), ("USER me", "user me → other")):
        result = _task.call(task, {**arguments, "changes": changes})
        assert words in result["msg"]
        assert state(client) == before


def test_an_early_refusal_of_a_large_file_is_told(
    engine: Any, tmp_path: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine closes the connection while the file is being sent: its message is still read."""
    path = tmp_path / "large.tar"
    with open(path, "wb") as file:
        info = tarfile.TarInfo("zeros")
        info.size = 64 * 1024 * 1024
        file.write(info.tobuf())
        file.truncate(512 + info.size + 1024)
    monkeypatch.setattr(_instructions, "configuration", lambda _instructions: {"User": "other"})
    arguments = {"docker_host": engine.url, "src": str(path), "repository": repository, "changes": "NONSENSE x"}
    assert "is not a valid change command" in _task.call(_registry.task("container_import"), arguments)["msg"]


def test_memory_does_not_grow_with_the_archive(engine: Any, tmp_path: Path, repository: str) -> None:
    """200 MB, in a new process: read, sent, and compared again."""
    path, size = tmp_path / "big.tar.gz", 200 * 1024 * 1024
    info = tarfile.TarInfo("zeros")
    info.size = size
    packer = zlib.compressobj(1, wbits=31)
    with open(path, "wb") as file:
        file.write(packer.compress(info.tobuf()))
        for _mebibyte in range(size // 2**20):
            file.write(packer.compress(bytes(2**20)))
        file.write(packer.compress(bytes(1024)) + packer.flush())
    program = (
        "import json, sys\n"
        "from memory import peak\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry\n"
        "from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task\n"
        "task, arguments = _registry.task('container_import'), json.loads(sys.argv[1])\n"
        "_task.call(task, {**arguments, 'src': '/dev/null'})\n"
        "_task.call(_registry.task('container_run'), "
        "{'docker_host': arguments['docker_host'], 'name': 'nobody', 'state': 'absent'})\n"
        "before = peak()\n"
        "result = _task.call(task, arguments)\n"
        "grown = peak() - before\n"
        "print(json.dumps({'msg': result.get('msg'), 'size': result.get('size'), 'grown': grown}))\n"
    )
    arguments = json.dumps({"docker_host": engine.url, "src": str(path), "repository": repository})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program, arguments], env=environment, check=True, capture_output=True, text=True
    )
    said = json.loads(done.stdout)
    assert said["msg"] is None
    assert said["size"] == 512 + size + 1024
    assert said["grown"] < 20_000, "%d KiB more memory" % said["grown"]


def test_an_image_that_is_in_use(run: Any, client: Any, tmp_path: Path, rootfs_tar: Any, repository: str) -> None:
    """A container of the previous image keeps running."""
    src = str(tmp_path / "rootfs.tar")
    shutil.copy(rootfs_tar, src)
    old = run("container_import", src=src, repository=repository, changes='CMD ["sleep", "1000"]')
    container = client.create_container(repository + ":latest")
    try:
        client.start(container)
        new = run("container_import", src=src, repository=repository, changes='CMD ["sleep", "2000"]')
        assert new["previous_image"] == old["image_id"]
        found = client.inspect_container(container)
        assert found["State"]["Running"] and found["Image"] == old["image_id"]
    finally:
        client.remove_container(container, force=True)


def test_on_the_command_line(play: Any, ansible: Any, client: Any, src: str, repository: str) -> None:
    line = 'src=%s repository=%s changes=\'CMD ["/bin/sh", "-c", "date"]\\nUSER 1\'' % (src, repository)
    played = play(["ansible", "localhost", "-m", "wharf.docker.container_import", "-a", line])
    assert played.results[0]["result"]["actions"] == ["import %s:latest: no such image" % repository], played.output
    config = client.inspect_image(repository)["Config"]
    assert config["Cmd"] == ["/bin/sh", "-c", "date"]
    assert config["User"] == "1"
    changes = ['CMD ["/bin/sh", "-c", "date"]', "USER 1"]
    ansible("container_import", expect="ok", src=src, repository=repository, changes=changes)
    result = ansible("container_import", expect="changed", diff=True, src=src, repository=repository, changes="USER 1")
    assert result["diff"]["before"] == {"cmd": ["/bin/sh", "-c", "date"]}
