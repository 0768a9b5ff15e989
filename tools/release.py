# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the artefact of a release, and test it in a clean environment: release.py VERSION. Nothing is published.

The artefact is built twice from the commit that is checked out, and both have to be the same byte for byte. It is
installed with ansible-galaxy into an empty directory, all documentation is read there, and the first playbook of the
README runs twice on a private engine.

release.py --build DIRECTORY only builds it.
"""

from __future__ import annotations

import ast
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import private_engine
import rootfs
import yaml

ROOT = Path(__file__).resolve().parent.parent
# In the same directory as the Python that runs this, whose environment has Ansible.
PROGRAMS = Path(sys.executable).parent
FILES, MANIFEST = "FILES.json", "MANIFEST.json"
# A collection has to work with these alone: distributions leave the rest out.
KEPT = ("meta", "playbooks", "plugins", "roles")


class ReleaseError(Exception):
    """Why there is no release."""


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.rstrip()


def disagreements(
    version: str, galaxy: Mapping[str, Any], changelog: Mapping[str, Any], rst: str, modules: Mapping[str, str],
    fragments: Sequence[str], changed: Sequence[str],
) -> list[str]:  # fmt: skip
    """The disagreements between the version, galaxy.yml, the changelog and the tree, a sentence each. Pure.

    ``modules``: the short description of each. ``fragments``: the files that are not in the changelog yet. ``changed``:
    the files that are not committed.
    """
    found = []
    if str(galaxy["version"]) != version:
        found.append("galaxy.yml has the version %s." % galaxy["version"])
    release = (changelog.get("releases") or {}).get(version)
    if release is None:
        found.append("changelogs/changelog.yaml has no release %s: run make changelog." % version)
    if "\nv%s\n%s\n" % (version, "=" * len("v" + version)) not in rst:
        found.append("CHANGELOG.rst has no section v%s: run make changelog." % version)
    if fragments:
        found.append("These fragments are not in the changelog: %s. Run make changelog." % ", ".join(fragments))
    described = {
        module["name"]: module["description"]
        for entry in (changelog.get("releases") or {}).values()
        for module in entry.get("modules") or []
    }
    for name in sorted(set(modules) | set(described)):
        if described.get(name, "").rstrip(".") != modules.get(name, "").rstrip("."):
            found.append("The changelog describes the module %s otherwise: run make changelog." % name)
    if changed:
        found.append("These files are not committed: %s." % ", ".join(changed))
    return found


def check(version: str) -> None:
    """ReleaseError: the repository is not ready for this release."""
    modules = {}
    for path in sorted((ROOT / "plugins" / "modules").glob("*.py")):
        texts = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        modules[path.stem] = yaml.safe_load(texts["DOCUMENTATION"])["short_description"]
    found = disagreements(
        version,
        yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8")),
        yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8")),
        (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8"),
        modules,
        sorted(path.name for path in (ROOT / "changelogs" / "fragments").glob("*.y*ml")),
        [line[3:] for line in git("status", "--porcelain").splitlines()],
    )
    if found:
        raise ReleaseError("\n".join(found))


def build(directory: Path, commit: str = "HEAD") -> Path:
    """Build the artefact of a commit in ``directory``: the same bytes each time."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wharf-release-") as work:
        source, built = Path(work, "source"), Path(work, "built")
        source.mkdir()
        packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "--extract", "--directory", source], input=packed, check=True)
        run(["ansible-galaxy", "collection", "build", "--output-path", built, source], {**os.environ})
        (made,) = built.glob("*.tar.gz")
        repack(made, directory / made.name, int(git("log", "-1", "--format=%ct", commit)))
        return directory / made.name


def repack(artefact: Path, target: Path, time: int) -> None:
    """Rewrite an artefact of ansible-galaxy with its files in order, each with ``time`` as its time."""
    contents: dict[str, bytes | None] = {}
    modes = {}
    with tarfile.open(artefact) as archive:
        for member in archive:
            file = archive.extractfile(member)
            contents[member.name] = file.read() if file else None
            modes[member.name] = member.mode
    files = json.loads(contents[FILES] or b"")
    files["files"].sort(key=lambda entry: entry["name"])
    contents[FILES] = listing = as_json(files)
    manifest = json.loads(contents[MANIFEST] or b"")
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listing).hexdigest()
    contents[MANIFEST] = as_json(manifest)
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=time) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        # Galaxy expects these two first.
        for name in (MANIFEST, FILES, *sorted(set(contents) - {MANIFEST, FILES})):
            content = contents[name]
            member = tarfile.TarInfo(name)
            member.mode, member.mtime = modes[name], time
            member.type, member.size = (tarfile.DIRTYPE, 0) if content is None else (tarfile.REGTYPE, len(content))
            archive.addfile(member, None if content is None else io.BytesIO(content))


def as_json(document: Any) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()


def run(argv: Sequence[str | Path], environment: Mapping[str, str], prefix: Sequence[str] = ()) -> str:
    """The output of one of Ansible's programs. ReleaseError if it fails."""
    words = [*prefix, PROGRAMS / argv[0], *argv[1:]]
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError("%s failed:\n%s%s" % (" ".join(map(str, argv)), done.stdout, done.stderr))
    return done.stdout


def clean_place(directory: Path) -> dict[str, str]:
    """The environment of a user with an empty home below ``directory``, where nothing else is installed."""
    (directory / "home").mkdir(parents=True)
    return {
        "HOME": str(directory / "home"),
        "LANG": "C.UTF-8",
        "PATH": "%s:%s" % (PROGRAMS, os.environ["PATH"]),
        "ANSIBLE_COLLECTIONS_PATH": str(directory / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }


def install(artefact: Path, directory: Path) -> dict[str, str]:
    """Install an artefact into an empty directory, and read all its documentation there. Returns the environment."""
    environment = clean_place(directory)
    where = directory / "collections"
    run(["ansible-galaxy", "collection", "install", "--offline", "-p", where, artefact], environment)
    run(["ansible-galaxy", "collection", "verify", "--offline", "-p", where, "wharf.docker"], environment)
    installed = where / "ansible_collections" / "wharf" / "docker"
    for kind, found in (
        ("module", sorted(path.stem for path in installed.glob("plugins/modules/*.py"))),
        ("role", sorted(path.name for path in installed.glob("roles/*"))),
    ):
        names = ["wharf.docker." + name for name in found]
        described = json.loads(run(["ansible-doc", "--json", "--type", kind, *names], environment))
        if sorted(described) != names:
            raise ReleaseError("ansible-doc knows only these of type %s: %s" % (kind, ", ".join(described)))
    return environment


def first_playbook(readme: str) -> str:
    """The first playbook of the README."""
    for block in re.findall(r"^```yaml\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL):
        if "\n  hosts: localhost\n" in block and "wharf.docker.container_run:" in block:
            return str(block)
    raise ReleaseError("README.md has no playbook for localhost with a task container_run.")


def play(
    environment: Mapping[str, str], directory: Path, url: str, enter: Callable[[Sequence[str]], list[str]]
) -> None:
    """Run the README's first playbook twice on the engine at ``url``: the second run changes nothing.

    Of the installed collection only the directories that it may depend on are kept. A small image with a web server on
    port 80 stands in for the image of the playbook. ``enter`` runs a command where published ports are reachable.
    """
    installed = directory / "collections" / "ansible_collections" / "wharf" / "docker"
    playbook = first_playbook((installed / "README.md").read_text(encoding="utf-8"))
    for path in installed.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (directory / "hello.yml").write_text(playbook, encoding="utf-8")
    rootfs.write(str(directory / "rootfs.tar"))
    here = {**environment, "DOCKER_HOST": url}
    for repository, tag in re.findall(r"^ +image: ([\w./-]+):([\w.-]+)$", playbook, re.MULTILINE):
        options = {
            "src": str(directory / "rootfs.tar"),
            "repository": repository,
            "tag": tag,
            "changes": ["CMD httpd -f -p 80 -h /var/www"],
        }
        run(["ansible", "localhost", "-m", "wharf.docker.container_import", "-a", json.dumps(options)], here)
    for again in (False, True):
        told = run(["ansible-playbook", directory / "hello.yml"], here, enter([]))
        changes = re.findall(r" changed=(\d+) ", told)
        if len(changes) != 1 or (changes[0] == "0") != again:
            raise ReleaseError("The README's first playbook, run %s:\n%s" % ("again" if again else "first", told))


def release(version: str) -> Path:
    print("Does everything say %s? ..." % version, flush=True)
    check(version)
    with tempfile.TemporaryDirectory(prefix="wharf-release-") as work:
        print("Building the artefact twice ...", flush=True)
        commit = git("rev-parse", "HEAD")
        first, second = build(Path(work, "first"), commit), build(Path(work, "second"), commit)
        if first.read_bytes() != second.read_bytes():
            raise ReleaseError("The artefact is not the same when it is built again.")
        print("Installing it in a clean place, and reading its documentation ...", flush=True)
        place = Path(work, "place")
        environment = install(first, place)
        print("Running the first playbook of its README twice, on a private engine ...", flush=True)
        with private_engine.running() as engine:
            play(environment, place, engine.url, engine.enter)
        artefact = ROOT / first.name
        artefact.write_bytes(first.read_bytes())
    return artefact


def main() -> int:
    try:
        if sys.argv[1:2] == ["--build"] and len(sys.argv) == 3:
            print(build(Path(sys.argv[2])))
        elif len(sys.argv) == 2 and sys.argv[1]:
            artefact = release(sys.argv[1])
            print("%s  %s" % (hashlib.sha256(artefact.read_bytes()).hexdigest(), artefact.name))
            print("Nothing is published. What comes next is in CONTRIBUTING.md.")
        else:
            print("Which version? For example: make release VERSION=1.0.0", file=sys.stderr)
            return 2
    except (ReleaseError, private_engine.EngineError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
