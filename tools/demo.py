# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: run playbooks/lifecycle.yml on an engine that is there, or else on a private, throw-away one.

An engine that was there keeps all it had: the playbook touches only what bears the demo's own label and names.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / ".cache" / "collections")]

import private_engine  # noqa: E402  (found through the line above)
import rootfs  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils._engine import client as _engine  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure  # noqa: E402

# All names of the demo, by kind. The playbook reads the same file.
NAMES: dict[str, dict[str, str]] = yaml.safe_load(
    (ROOT / "playbooks" / "vars" / "lifecycle_names.yml").read_text(encoding="utf-8")
)["names"]
LABEL, VALUE = "wharf.demo", "true"
# The collection imports an archive under such a name, and only a run that is killed leaves it.
UNFINISHED = "wharf-import-"


def find_engine() -> str | None:
    """The address of a local engine that answers, from DOCKER_HOST, the docker context or the default socket."""
    options = {name: spec.get("default") for name, spec in _engine.CONNECTION_OPTIONS.items()}
    options["docker_host"] = os.environ.get("DOCKER_HOST") or None
    try:
        engine = _engine.connect(options)
    except Failure as failure:
        print("No engine was found. %s" % failure.message)
        return None
    if not engine.url.startswith("unix://"):
        print("The engine at %s is not on this host, where the demo serves its page: it is left alone." % engine.url)
        return None
    refuse_foreign(engine)
    return engine.url


def refuse_foreign(engine: _engine.Engine) -> None:
    """End where the engine has something of the demo's names that is not the demo's own."""
    paths = {"containers": "/containers/%s/json", "networks": "/networks/%s", "volumes": "/volumes/%s"}
    foreign = []
    for kind, names in NAMES.items():
        for name in names.values():
            path = paths.get(kind, "/images/%s/json") % name
            found = engine.find(path, tried="look for what has a name of the demo")
            if found is not None and not bears_label(found.get("Config", found)):
                foreign.append("the %s %s" % (kind[:-1], name))
    if foreign:
        sys.exit(
            "The engine has something of the demo's name without its label, %s=%s: %s. The demo leaves it alone, and "
            "ends. Rename or remove it." % (LABEL, VALUE, ", ".join(foreign))
        )


def bears_label(document: dict[str, Any]) -> bool:
    return (document.get("Labels") or {}).get(LABEL) == VALUE


def own(engine: _engine.Engine) -> list[tuple[str, str]]:
    """What the engine has of the demo, in the order in which it can be removed: what it is, and its path."""
    found = []
    for kind, path in (
        ("container", "/containers/json"),
        ("network", "/networks"),
        ("volume", "/volumes"),
        ("image", "/images/json"),
    ):
        query = {"all": True if kind == "container" else None, "filters": {"label": ["%s=%s" % (LABEL, VALUE)]}}
        answer = engine.get(path, tried="look for what is left of the demo", query=query)
        for document in (answer["Volumes"] or []) if kind == "volume" else answer:
            ids = own_names(document) if kind == "image" else [document["Name" if kind == "volume" else "Id"]]
            found += [("%s %s" % (kind, name), "/%ss/%s" % (kind, name)) for name in ids]
    return found


def own_names(image: dict[str, Any]) -> list[str]:
    """The names of the demo that an image has, or its id where it has none at all. A name that a person gave stays."""
    names = [name for name in image.get("RepoTags") or [] if not name.endswith("<none>")]
    ours = ["%s:latest" % name for name in NAMES["images"].values()]
    return [name for name in names if name in ours or name.startswith(UNFINISHED)] if names else [image["Id"]]


def play(url: str, prefix: list[str]) -> int:
    """Run the playbook against the engine at ``url``, and print its table."""
    with tempfile.TemporaryDirectory(prefix="wharf-demo-") as folder:
        archive, report = os.path.join(folder, "rootfs.tar"), os.path.join(folder, "table.txt")
        rootfs.write(archive)
        environment = {
            **os.environ,
            "DOCKER_HOST": url,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            # Task arguments from a variable are told to be unsafe where the facts of a host could replace the variable.
            "ANSIBLE_INJECT_FACT_VARS": "false",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "ANSIBLE_CHECK_MODE_MARKERS": "true",
            "ANSIBLE_FORCE_COLOR": "1" if sys.stdout.isatty() else "0",
        }
        try:
            code = subprocess.run(
                [
                    *prefix,
                    os.path.join(os.path.dirname(sys.executable), "ansible-playbook"),
                    "-i",
                    "localhost,",
                    str(ROOT / "playbooks" / "lifecycle.yml"),
                    "-e",
                    "lifecycle_archive=%s lifecycle_report=%s" % (archive, report),
                ],
                env=environment,
                check=False,
            ).returncode
            if code == 0:
                print("\nWhat was done, on the engine at %s:\n" % url)
                print(Path(report).read_text(encoding="utf-8"))
        finally:
            # After a failure and Ctrl-C too.
            clean = sweep(url)
    return code or (0 if clean else 1)


def sweep(url: str) -> bool:
    """Remove the images, which the playbook leaves, and what it could not remove itself. Say what is left then."""
    options = {name: spec.get("default") for name, spec in _engine.CONNECTION_OPTIONS.items()}
    try:
        engine = _engine.connect({**options, "docker_host": url})
        for what, path in own(engine):
            query = {"force": True, "v": True if what.startswith("container ") else None}
            try:
                engine.delete(path, tried="remove the demo's %s" % what, query=query, accept=(404,))
            except Failure as failure:
                print(failure.message)
        left = [what for what, _path in own(engine)]
    except Failure as failure:
        print("What is left of the demo can't be told. %s" % failure.message)
        return False
    print(
        "What is left of the demo on this engine: %s."
        % (", ".join(left) + "; remove it by hand" if left else "nothing")
    )
    return not left


def main() -> int:
    url = find_engine()
    if url is not None:
        print("Found an engine at %s. The demo touches only what bears its own label, wharf.demo." % url, flush=True)
        subprocess.run([str(ROOT / "tools" / "setup.sh"), "busybox"], check=True)
        return play(url, [])
    print("Starting a private, throw-away engine; it is gone when the demo ends.", flush=True)
    subprocess.run([str(ROOT / "tools" / "setup.sh"), "engine"], check=True)
    with tempfile.TemporaryDirectory(prefix="wharf-engine-") as folder, private_engine.running(folder) as engine:
        return play(engine.url, engine.enter([]))


if __name__ == "__main__":
    sys.exit(main())
