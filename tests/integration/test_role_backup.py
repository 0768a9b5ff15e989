# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role backup, with a real engine: what it creates, what it keeps, and what it never removes."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sampled
import yaml
from backups import DATED, PLAY, ROLE, changes, checked, dated, failure, note, result, tree

Playbook = Callable[..., Any]


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "archives"


@pytest.fixture
def backup(playbook: Playbook, dest: Path) -> Playbook:
    """``backup(*containers, **variables)``: the role, with names of containers and other variables."""

    def run(*containers: str, **variables: Any) -> Any:
        named = {"backup_containers": list(containers)} if containers else {}
        return playbook(PLAY, **{"backup_dest": str(dest), **named, **variables})

    return run


@pytest.fixture
def container(client: Any, image: str) -> Callable[..., str]:
    """Create a container, running or not."""

    def make(name: str, running: bool = True, **options: Any) -> str:
        client.create_container(image, ["sleep", "1000"], name=name, **options)
        if running:
            client.start(name)
        return name

    return make


def write(client: Any, name: str, text: str) -> None:
    """Change the file /note in a running container."""
    command = client.exec_create(name, ["sh", "-c", "echo %s > /note" % text])
    client.exec_start(command["Id"])
    assert client.exec_inspect(command["Id"])["ExitCode"] == 0


def backdate(directory: Path, year: int) -> None:
    """Date back the newest archive and its dated one to the beginning of that year."""
    [newest] = [path for path in directory.iterdir() if path.name.startswith(directory.name + ".tar")]
    [own] = [path for path in dated(directory) if path.stat().st_ino == newest.stat().st_ino]
    start = dt.datetime(year, 1, 1, tzinfo=dt.timezone.utc).timestamp()
    os.utime(newest, (start, start))
    old = own.with_name("%s-%d0101T000000Z.tar.gz" % (directory.name, year))
    own.rename(old)
    words = own.with_name(own.name + ".sha256")
    old.with_name(old.name + ".sha256").write_text(words.read_text("utf-8").replace(own.name, old.name), "utf-8")
    words.unlink()


def older(directory: Path, *years: int) -> list[Path]:
    """Copies of the only dated archive, dated back to the beginning of these years."""
    [own] = dated(directory)
    digest = hashlib.sha256(own.read_bytes()).hexdigest()
    made = [directory / ("%s-%d0101T000000Z.tar.gz" % (directory.name, year)) for year in years]
    for path in made:
        shutil.copy2(own, path)
        path.with_name(path.name + ".sha256").write_text("%s  %s\n" % (digest, path.name), encoding="utf-8")
    return made


def test_foresees_makes_and_leaves_alone(
    backup: Playbook, container: Any, client: Any, dest: Path, name: str, playbook: Playbook
) -> None:
    """Check mode, done, done again, changed; with a running and a stopped container."""
    container(name + "-a")
    container(name + "-b", running=False)
    names = [name + "-a", name + "-b"]

    variables = {"backup_dest": str(dest / "deep"), "backup_containers": names}
    forecast = playbook(PLAY, check=True, diff=True, **variables)
    assert not dest.exists()
    expected = {"archive": None, "sha256": None, "changed": True, "removed": []}
    assert result(forecast) == dict.fromkeys(names, expected)
    assert changes(forecast) > 0

    done = playbook(PLAY, **variables)
    for each in names:
        directory = dest / "deep" / each
        [archive] = dated(directory)
        newest = directory / (each + ".tar.gz")
        assert sorted(path.name for path in directory.iterdir()) == sorted(
            [newest.name, archive.name, archive.name + ".sha256"]
        )
        assert newest.samefile(archive)
        assert oct(directory.stat().st_mode & 0o7777) == "0o700"
        assert {oct(path.stat().st_mode & 0o7777) for path in directory.iterdir()} == {"0o600"}
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert result(done)[each] == {"archive": str(archive), "sha256": digest, "changed": True, "removed": []}
        with tarfile.open(archive) as opened:
            assert "bin/busybox" in opened.getnames()
        checked(directory)
    assert oct(dest.stat().st_mode & 0o7777) == "0o700"

    before = tree(dest)
    for check in (False, True):
        again = playbook(PLAY, check=check, diff=True, **variables)
        assert changes(again) == 0 and tree(dest) == before
        assert result(again) == {each: {**result(done)[each], "changed": False} for each in names}

    write(client, names[0], "one")
    forecast = playbook(PLAY, check=True, diff=True, **variables)
    assert tree(dest) == before
    assert result(forecast)[names[0]] == expected and not result(forecast)[names[1]]["changed"]
    assert "content" in str([entry["result"].get("diff") for entry in forecast.results])
    done = playbook(PLAY, **variables)
    assert result(done)[names[0]]["changed"] and not result(done)[names[1]]["changed"]
    after = tree(dest)
    assert {path: after[path] for path in before if DATED.search(path)} == {
        path: before[path] for path in before if DATED.search(path)
    }
    directory = dest / "deep" / names[0]
    assert len(dated(directory)) == 2 and note(dated(directory)[-1]) == "one"
    assert len(dated(dest / "deep" / names[1])) == 1
    checked(directory)


def test_keeps_the_newest(
    backup: Playbook, container: Any, client: Any, dest: Path, name: str, playbook: Playbook
) -> None:
    """Two of four archives stay, and only files that are exactly dated archives of this container are ever removed."""
    container(name)
    directory = dest / name
    foreign = [
        "%s-20010101T000000Z.tar.gz.bak" % name,
        "%s-20010101T000000.tar.gz" % name,
        "%s-2001-01-01.tar.gz" % name,
        "x%s-20010101T000000Z.tar.gz" % name,
        "other-20010101T000000Z.tar.gz",
        "%s-20010101T000000Z.tar.bz2" % name,
        "%s-20010101T000000Z.tar.gz.md5" % name,
        "notes.txt",
    ]
    directory.mkdir(parents=True)
    dest.chmod(0o750)
    for each in foreign:
        (directory / each).write_text(each, encoding="utf-8")
    (directory / ("%s-20020101T000000Z.tar.gz" % name)).mkdir()
    (directory / ("%s-20030101T000000Z.tar.gz" % name)).symlink_to("notes.txt")
    outside = tree(directory)

    for number, text in enumerate(("one", "two", "three")):
        write(client, name, text)
        backup(name, backup_keep=2)
        backdate(directory, 2022 + number)
    years = [path.name[len(name) + 1 :][:4] for path in dated(directory) if path.is_file() and not path.is_symlink()]
    assert years == ["2023", "2024"]

    write(client, name, "four")
    before = tree(dest)
    forecast = playbook(PLAY, check=True, backup_dest=str(dest), backup_containers=[name], backup_keep=2)
    assert tree(dest) == before
    done = backup(name, backup_keep=2)
    assert result(forecast)[name]["removed"] == result(done)[name]["removed"]
    assert [Path(path).name[len(name) + 1 :][:4] for path in result(done)[name]["removed"]] == ["2023"]
    assert [note(path) for path in dated(directory)] == ["three", "four"]
    names = sorted(path.name for path in directory.iterdir())
    assert len(names) == len(outside) - 1 + 5, (
        names
    )  # outside includes the directory; 2 archives, 2 checksums, the newest
    after = tree(directory)
    assert {path: after[path] for path in outside if path != "."} == {
        path: entry for path, entry in outside.items() if path != "."
    }
    assert oct(dest.stat().st_mode & 0o7777) == "0o750"
    assert changes(backup(name, backup_keep=2)) == 0


def test_what_was_cut_off_is_completed(
    backup: Playbook, container: Any, client: Any, dest: Path, name: str, playbook: Playbook
) -> None:
    container(name)
    write(client, name, "one")
    done = backup(name)
    directory = dest / name
    [archive] = dated(directory)
    content = {path: entry[3] for path, entry in tree(directory).items()}

    def back() -> None:
        healed = backup(name)
        assert result(healed)[name] == result(done)[name]
        assert {path: entry[3] for path, entry in tree(directory).items()} == content
        checked(directory)

    # Interrupted after the export.
    archive.unlink()
    archive.with_name(archive.name + ".sha256").unlink()
    before = tree(dest)
    forecast = playbook(PLAY, check=True, backup_dest=str(dest), backup_containers=[name])
    assert result(forecast)[name] == result(done)[name] and changes(forecast) == 2 and tree(dest) == before
    back()
    assert changes(backup(name)) == 0

    # Interrupted between the checksum and the link.
    archive.unlink()
    back()

    # A missing checksum.
    archive.with_name(archive.name + ".sha256").unlink()
    back()

    # The container changes before the next run: the archive without a date yet is not lost.
    archive.unlink()
    archive.with_name(archive.name + ".sha256").unlink()
    os.utime(directory / (name + ".tar.gz"), (1700000000, 1700000000))
    write(client, name, "two")
    backup(name)
    assert [note(path) for path in dated(directory)] == ["one", "two"]
    assert dated(directory)[0].name == name + "-20231114T221320Z.tar.gz"
    checked(directory)


DELETED = {
    "the newest": ["{name}.tar.gz"],
    "its dated one": ["{own}"],
    "both": ["{name}.tar.gz", "{own}"],
    "both, and the checksum": ["{name}.tar.gz", "{own}", "{own}.sha256"],
    "an older one": ["{name}-20220101T000000Z.tar.gz"],
    "an older one, and its checksum": ["{name}-20220101T000000Z.tar.gz", "{name}-20220101T000000Z.tar.gz.sha256"],
    "the newest and all dated ones": ["{name}.tar.gz", "{own}", "{name}-20220101T000000Z.tar.gz"],
    "all checksums": ["{own}.sha256", "{name}-20220101T000000Z.tar.gz.sha256"],
    "everything": ["."],
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("what", sampled.some(DELETED, sample=1))
def test_an_archive_deleted_by_hand(
    what: str, backup: Playbook, container: Any, dest: Path, name: str, playbook: Playbook
) -> None:
    """The next run creates what is missing, as predicted in check mode, and each checksum belongs to an archive."""
    container(name, running=False)
    backup(name)
    directory = dest / name
    [own] = dated(directory)
    older(directory, 2022)
    for each in DELETED[what]:
        path = directory / each.format(name=name, own=own.name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = tree(dest)
    forecast = playbook(PLAY, check=True, backup_dest=str(dest), backup_containers=[name], backup_keep=2)
    assert tree(dest) == before
    done = backup(name, backup_keep=2)
    found, foreseen = result(done)[name], result(forecast)[name]
    assert found["changed"] == foreseen["changed"] == (what != "an older one, and its checksum")
    assert found["removed"] == foreseen["removed"]
    assert (directory / (name + ".tar.gz")).samefile(found["archive"])
    checked(directory)
    # The check that the role's README.md gives.
    held = subprocess.run(
        "sha256sum -c *.sha256", shell=True, cwd=directory, capture_output=True, text=True, check=False
    )
    assert held.returncode == 0, held.stdout + held.stderr
    assert changes(backup(name, backup_keep=2)) == 0


@pytest.mark.exhaustive
def test_a_date_that_is_taken(backup: Playbook, container: Any, client: Any, dest: Path, name: str) -> None:
    """If the clock was put back, no archive ever overwrites another one, or any other file."""
    container(name)
    directory = dest / name
    write(client, name, "one")
    backup(name)
    backdate(directory, 2024)
    [old] = dated(directory)
    write(client, name, os.urandom(40).hex())
    [own] = [Path(result(backup(name))[name]["archive"])]
    own.unlink()
    os.utime(directory / (name + ".tar.gz"), (old.stat().st_mtime,) * 2)
    done = backup(name)
    assert result(done)[name]["changed"] and len(dated(directory)) == 2
    assert note(old) == "one" and note(Path(result(done)[name]["archive"])) != "one"
    checked(directory)
    assert changes(backup(name)) == 0


@pytest.mark.parametrize("how", sampled.some(["archive", "checksum"], sample=1))
def test_a_damaged_archive(how: str, backup: Playbook, container: Any, client: Any, dest: Path, name: str) -> None:
    """It is named, after the new backup was created; nothing is removed. Without backup_verify it is not noticed."""
    container(name)
    container(name + "-good")
    directory = dest / name
    backup(name)
    older(directory, 2022, 2023)
    write(client, name, "four")
    victim = dated(directory)[1]  # the oldest that is kept
    if how == "archive":
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
    else:
        victim.with_name(victim.name + ".sha256").write_text("junk\n", encoding="utf-8")
    before = dated(directory)

    failed = backup(name, name + "-good", backup_keep=3, expect="failed")
    assert str(victim) in failure(failed) and "does not match its checksum" in failure(failed)
    assert "%s-good" % name in failure(failed).split("The others succeeded")[1]
    assert len(dated(dest / (name + "-good"))) == 1
    assert dated(directory)[:-1] == before and note(dated(directory)[-1]) == "four"

    done = backup(name, backup_keep=3, backup_verify=False)
    assert result(done)[name]["removed"] == [str(before[0])]
    assert dated(directory)[:-1] == before[1:]


def test_unknown_containers_and_filters(backup: Playbook, container: Any, dest: Path, name: str) -> None:
    """Found containers are backed up; then the role fails, and names what it did not find."""
    container(name, labels={"team": name}, running=False)
    container(name + "-two", labels={"team": name})
    failed = backup("no-such-" + name, name, backup_filters={"label": "team=none-" + name}, expect="failed")
    assert "there is no container no-such-" + name in failure(failed)
    assert "backup_filters: no container matches" in failure(failed)
    assert sorted(path.name for path in dest.iterdir()) == [name]
    checked(dest / name)

    # A container that is both named and filtered is backed up once. Stopped containers are included.
    done = backup(name, backup_filters={"label": {"team": name}})
    assert sorted(result(done)) == [name, name + "-two"]
    assert not result(done)[name]["changed"] and result(done)[name + "-two"]["changed"]


def test_a_failing_container_keeps_its_archives(
    backup: Playbook, container: Any, client: Any, dest: Path, name: str
) -> None:
    """Its newest archive is something that can't be overwritten; the next container is still backed up."""
    container(name)
    container(name + "-good")
    directory = dest / name
    backup(name)
    older(directory, 2022, 2023)
    (directory / (name + ".tar.gz")).unlink()
    (directory / (name + ".tar.gz")).mkdir()
    before = tree(directory)
    failed = backup(name, name + "-good", backup_keep=1, expect="failed")
    assert "%s: %s/%s.tar.gz is not a regular file" % (name, directory, name) in failure(failed)
    assert tree(directory) == before
    checked(dest / (name + "-good"))

    (directory / (name + ".tar.gz")).rmdir()
    (directory / (name + ".tar.gz")).symlink_to(dated(directory)[0].name)
    before = tree(directory)
    assert "is a symbolic link" in failure(backup(name, expect="failed"))
    assert tree(directory) == before


@pytest.mark.exhaustive
def test_other_compressions_and_checksums(backup: Playbook, container: Any, client: Any, dest: Path, name: str) -> None:
    container(name)
    directory = dest / name
    for form, ending in (("zstd", ".tar.zst"), ("xz", ".tar.xz"), ("none", ".tar")):
        done = backup(name, backup_compression=form, backup_mode="0640")
        archive = Path(result(done)[name]["archive"])
        assert archive.name.endswith("Z" + ending) and archive.samefile(directory / (name + ending))
        assert oct(archive.stat().st_mode & 0o7777) == "0o640"
    assert changes(backup(name, backup_compression="none", backup_mode="0640")) == 0
    checked(directory)
    sha256 = {path for path in directory.iterdir() if path.suffix == ".sha256"}
    assert len(sha256) == 3

    # Another algorithm is used for new archives; the retention applies to all suffixes and all checksum files.
    write(client, name, "one")
    done = backup(name, backup_checksum_algorithm="sha512", backup_compression="none")
    archive = Path(result(done)[name]["archive"])
    words = archive.with_name(archive.name + ".sha512").read_text(encoding="utf-8")
    assert words == "%s  %s\n" % (hashlib.sha512(archive.read_bytes()).hexdigest(), archive.name)
    archive.with_name(archive.name + ".sha512").write_text("0" * 128 + "  %s\n" % archive.name, encoding="utf-8")
    failed = backup(name, backup_compression="none", expect="failed")
    assert str(archive) in failure(failed)
    archive.with_name(archive.name + ".sha512").write_text(words, encoding="utf-8")
    done = backup(name, backup_compression="none", backup_keep=1)
    assert len(result(done)[name]["removed"]) == 3
    assert dated(directory) == [archive]
    assert not [path for path in directory.iterdir() if path.suffix == ".sha256"]


WITHOUT_LINKS = """#!%s
import ctypes, os, struct, sys
# The kernel answers "not permitted" to every link and linkat, as it does on a file system without hard links.
LOAD, EQUAL, RETURN, EPERM, ALLOW = 0x20, 0x15, 0x06, 0x00050001, 0x7FFF0000
numbers = {"x86_64": (86, 265), "aarch64": (37, 37)}[os.uname().machine]
steps = [(LOAD, 0, 0, 0), (EQUAL, 1, 0, numbers[0]), (EQUAL, 0, 1, numbers[1]), (RETURN, 0, 0, EPERM)]
steps.append((RETURN, 0, 0, ALLOW))
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit("There is no seccomp here: %%s" %% os.strerror(ctypes.get_errno()))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.exhaustive
def test_without_hard_links(
    backup: Playbook, container: Any, client: Any, dest: Path, name: str, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(WITHOUT_LINKS % sys.executable, encoding="utf-8")
    python.chmod(0o755)
    container(name)
    directory = dest / name
    for text in ("one", "two"):
        write(client, name, text)
        done = backup(name, ansible_python_interpreter=str(python), backup_keep=2)
        newest = directory / (name + ".tar.gz")
        own = Path(result(done)[name]["archive"])
        assert not own.samefile(newest) and own.read_bytes() == newest.read_bytes()
        before = tree(dest)
        assert changes(backup(name, ansible_python_interpreter=str(python), backup_keep=2)) == 0
        assert tree(dest) == before
    assert [note(path) for path in dated(directory)] == ["one", "two"]
    checked(directory)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"backup_keep": 0}, "backup_keep: 0 is not a valid number"),
    ({"backup_keep": "many"}, "backup_keep"),
    (
        {"backup_keep_weekly": -1},
        "backup_keep_monthly: -1 is not a valid number",
    ),
    ({"backup_consistency": "freeze"}, "backup_consistency"),
    ({"backup_containers": []}, "backup_containers, backup_filters, backup_volumes: nothing to back up"),
    ({"backup_containers": [], "backup_volumes": ["../x"]}, 'backup_volumes: "../x" can not be the name of a volume'),
    ({"backup_dest": "archives"}, "backup_dest: archives can not be used"),
    ({"backup_dest": "/"}, "backup_dest: / can not be used"),
    ({"backup_dest": "/etc/passwd"}, "backup_dest: /etc/passwd is not a directory"),
    ({"backup_dest": None}, "backup_dest"),
    ({"backup_mode": 384}, "backup_mode"),
    ({"backup_mode": "rw"}, "backup_mode: rw"),
    ({"backup_compression": "bzip2"}, "backup_compression"),
    ({"backup_checksum_algorithm": "md5"}, "backup_checksum_algorithm"),
    ({"backup_filters": {"colour": "red"}}, "filters: colour is unknown"),
    ({"backup_containers": ["../x"]}, "name '../x' is not a container's"),
]


def test_arguments_that_are_wrong(playbook: Playbook, container: Any, dest: Path, name: str) -> None:
    """Each wrong argument is named, and nothing is touched."""
    container(name, running=False)
    tasks = [
        {
            "name": "Case",
            "block": [
                {
                    "name": "Role",
                    "ansible.builtin.include_role": {"name": "wharf.docker.backup"},
                    "vars": {
                        key: value
                        for key, value in {
                            "backup_dest": str(dest),
                            "backup_containers": [name],
                            **variables,
                        }.items()
                        if value is not None
                    },
                },
                {"name": "Not refused", "ansible.builtin.debug": {"msg": "case %d" % number}},
            ],
            "rescue": [{"name": "Refused", "ansible.builtin.debug": {"msg": "case %d" % number}}],
        }
        for number, (variables, _words) in enumerate(WRONG)
    ]
    played = playbook(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    assert changes(played) == 0 and not dest.exists()
    told = [str(entry["result"].get("msg")) for entry in played.results if entry["status"] == "failed"]
    assert len([entry for entry in played.results if entry["task"] == "Refused"]) == len(told) == len(WRONG), told
    assert [(words, said) for (_variables, words), said in zip(WRONG, told, strict=True) if words not in said] == []


def test_one_listing(backup: Playbook, container: Any, name: str) -> None:
    """However many containers there are, the engine lists them once."""
    for number in range(3):
        container("%s-%d" % (name, number), running=False, labels={"team": name})
    played = backup(backup_filters={"label": "team=" + name})
    asked = [entry for entry in played.results if entry["action"].endswith("container_info")]
    assert len([entry for entry in asked if entry["status"] != "skipped"]) == 1
    assert len(result(played)) == 3


def test_the_readme(playbook: Playbook, container: Any, client: Any, dest: Path, name: str) -> None:
    """Its examples run: the backup, and the restore of the archive. Its table has all variables and defaults."""
    text = (ROLE / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```yaml\n((?:.*\n)*?)```$", text, re.MULTILINE)
    assert len(examples) == 3
    container("web", host_config=client.create_host_config(binds=["data:/data"]))
    container(name, running=False, labels={"backup": "true"})
    write(client, "web", "precious")
    saved, restored, again = (playbook(example.replace("/srv/backup", str(dest))) for example in examples)
    assert "data-restored" in [volume["Name"] for volume in client.volumes()["Volumes"]] and changes(again) == 1
    assert sorted(saved.result("Show the archives")["backup_result"]["containers"]) == sorted(["web", name])
    assert restored.stats["localhost"]["changed"] == 2
    _stream, _stat = client.get_archive("web-restored", "/note")
    command = client.exec_create("web-restored", ["cat", "/note"])
    assert client.exec_start(command["Id"]) == b"precious\n"

    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options = options["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert {key: value["default"] for key, value in options.items() if "default" in value} == defaults
    assert [key for key in options if key not in defaults] == ["backup_dest"] and options["backup_dest"]["required"]
    rows = dict(re.findall(r"^\| `(backup_\w+)` \| (\S+) \|", text, re.MULTILINE))
    shown = {key: yaml.safe_load(value.strip("`")) for key, value in rows.items() if value != "required"}
    assert shown == defaults and rows["backup_dest"] == "required" and len(rows) == len(options)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(
    "what", sampled.some(["destination", "link", "directory", "directory link", "archive", "checksum"], sample=2)
)
def test_what_another_user_has_put_in_the_way(
    what: str, backup: Playbook, container: Any, client: Any, tmp_path: Path, name: str
) -> None:
    """Refused if others may write to the directory, also in check mode; nothing is written there or elsewhere."""
    container(name)
    shared, elsewhere = tmp_path / "shared", tmp_path / "elsewhere"
    for directory in (shared, elsewhere):
        directory.mkdir()
    shared.chmod(0o1777)
    dest = shared if what.startswith("directory") else shared / "archives"
    mine = dest / name
    if what in ("destination", "directory"):
        theirs = dest if what == "destination" else mine
        theirs.mkdir()
    elif what in ("link", "directory link"):
        theirs = dest if what == "link" else mine
        theirs.symlink_to(elsewhere)
    else:
        backup(name, backup_dest=str(dest))
        mine.chmod(0o1777)
        [archive] = dated(mine)
        theirs = archive if what == "archive" else archive.with_name(archive.name + ".sha256")
        data = theirs.read_bytes()
        theirs.unlink()
        theirs.write_bytes(data)
    os.chown(theirs, 65534, 65534, follow_symlinks=False)
    before = tree(shared)
    for check in (True, False):
        played = backup(name, backup_dest=str(dest), check=check, expect="failed")
        assert str(theirs) in failure(played) and "others can write to its parent directory" in failure(played)
        assert tree(shared) == before and not list(elsewhere.iterdir())


@pytest.mark.exhaustive
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_directory_that_others_may_write_to(backup: Playbook, container: Any, tmp_path: Path, name: str) -> None:
    """The user's own directories and files there are accepted."""
    container(name)
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    for dest in (shared, shared / "archives"):
        backup(name, backup_dest=str(dest))
        (dest / name).chmod(0o1777)
        again = backup(name, backup_dest=str(dest))
        assert changes(again) == 0
        checked(dest / name)
