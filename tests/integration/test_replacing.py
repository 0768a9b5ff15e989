# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks of the page on replacing a container, in its order, and its statements about them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs/docsite/rst/replacing.rst").read_text(encoding="utf-8")
TASKS = re.findall(r"^\.\. code-block:: yaml\n\n((?:  .*\n|\n)+)", PAGE, re.MULTILINE)
TEXT = re.findall(r"^\.\. code-block:: text\n\n((?:  .*\n)+)", PAGE, re.MULTILINE)
VERSIONS = {
    "1": "CMD trap exit TERM; sleep 1001 & wait",
    "2": "CMD trap exit TERM; sleep 1002 & wait",
    "broken": "CMD echo no database; exit 1",
}


@pytest.fixture
def versions(client: Any, rootfs_tar: Path) -> Iterator[None]:
    for tag, command in VERSIONS.items():
        client.import_image_from_file(str(rootfs_tar), repository="shop/web", tag=tag, changes=[command])
    yield
    for tag in VERSIONS:
        client.remove_image("shop/web:" + tag, force=True)


def standing(client: Any) -> dict[str, tuple[str, str]]:
    """Name → image and state."""
    return {found["Names"][0][1:]: (found["Image"], found["State"]) for found in client.containers(all=True)}


def test_the_page(versions: None, client: Any, playbook: Callable[..., Any]) -> None:
    replaced, failing, back, followed, kept, removed = (
        textwrap.indent(textwrap.dedent(tasks), "    ") for tasks in TASKS
    )
    head = "- hosts: localhost\n  gather_facts: false\n  tasks:\n"

    playbook(head + replaced)
    second = {"shop": ("shop/web:2", "running"), "shop.wharf-previous-1": ("shop/web:1", "exited")}
    assert standing(client) == second

    failed = playbook(head + failing + "      ignore_errors: true\n").result("Run a version that does not work")
    said = " ".join(failed["msg"].split())
    for line in TEXT[0].splitlines():
        assert line.strip() in said
    assert standing(client) == second

    playbook(head + back)
    assert standing(client) == {"shop": ("shop/web:1", "running"), "shop.wharf-new": ("shop/web:2", "exited")}
    assert playbook(head + back).result("Go back to the version before")["changed"] is False

    done = playbook(head + followed).result("Run the next version, and the proxy in its network")
    (action,) = re.findall(r"^  (recreate shop-proxy: .*)$", PAGE, re.MULTILINE)
    assert action in done["actions"]
    assert standing(client) == {"shop": ("shop/web:2", "running"), "shop-proxy": ("shop/web:1", "running")}
    mode = client.inspect_container("shop-proxy")["HostConfig"]["NetworkMode"]
    assert mode == "container:" + client.inspect_container("shop")["Id"]
    assert playbook(head + followed).stats["localhost"]["changed"] == 0

    done = playbook(head + kept).result("Run another version, with all other options of the shop")
    assert "dropped" not in done
    assert standing(client) == {"shop": ("shop/web:1", "running"), "shop-proxy": ("shop/web:1", "running")}
    assert client.inspect_container("shop")["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert playbook(head + kept).stats["localhost"]["changed"] == 0

    playbook(head + removed)
    assert standing(client) == {}
