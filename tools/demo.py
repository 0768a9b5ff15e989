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

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / ".cache" / "collections")]

import private_engine  # noqa: E402  (found through the line above)
import rootfs  # noqa: E402

from ansible_collections.wharf.docker.plugins.module_utils import _engine  # noqa: E402
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure  # noqa: E402

IMAGE = "wharf-demo/base:latest"


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


def labelled(document: dict[str, Any]) -> bool:
    return (document.get("Labels") or {}).get("wharf.demo") == "true"


def refuse_foreign(engine: _engine.Engine) -> None:
    """End where the engine has something of the demo's names that is not the demo's own."""
    for path, where in (
        ("/containers/wharf-demo-hello/json", "Config"),
        ("/containers/wharf-demo-web/json", "Config"),
        ("/networks/wharf-demo-net", ""),
        ("/volumes/wharf-demo-data", ""),
        ("/images/%s/json" % IMAGE, "Config"),
    ):
        found = engine.find(path, tried="look for what has a name of the demo")
        if found is not None and not labelled(found[where] if where else found):
            sys.exit("The engine has something of the demo's name without its label, %s: rename or remove it." % path)


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
            "ANSIBLE_FORCE_COLOR": "1" if sys.stdout.isatty() else "0",
        }
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
        remove_image(url)
        if code == 0:
            print("\nWhat was done, on the engine at %s:\n" % url)
            print(Path(report).read_text(encoding="utf-8"))
    return code


def remove_image(url: str) -> None:
    """The image that the playbook imported goes too."""
    options = {name: spec.get("default") for name, spec in _engine.CONNECTION_OPTIONS.items()}
    engine = _engine.connect({**options, "docker_host": url})
    engine.delete("/images/" + IMAGE, tried="remove the demo's image", query={"force": True}, accept=(404,))


def main() -> int:
    url = find_engine()
    if url is not None:
        print("Found an engine at %s. The demo touches only what bears its own label, wharf.demo." % url)
        subprocess.run([str(ROOT / "tools" / "setup.sh"), "busybox"], check=True)
        return play(url, [])
    print("Starting a private, throw-away engine; it is gone when the demo ends.")
    subprocess.run([str(ROOT / "tools" / "setup.sh"), "engine"], check=True)
    with tempfile.TemporaryDirectory(prefix="wharf-engine-") as folder, private_engine.running(folder) as engine:
        return play(engine.url, engine.enter([]))


if __name__ == "__main__":
    sys.exit(main())
