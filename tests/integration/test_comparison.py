# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison table of README.md: its claims about wharf.docker and community.docker, tested with both."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import comparison
import docker.errors
import peer
import pytest

# Lines about existing modules: line → the modules of each collection that prove it.
MODULES = {
    "Build images, log in to registries": {
        "community.docker": ["docker_image_build", "docker_login"],
        "containers.podman": ["podman_image", "podman_login"],
    },
    "Compose, Swarm": {"community.docker": ["docker_compose_v2", "docker_swarm"]},
    "Pods, Quadlet": {"containers.podman": ["podman_pod", "podman_quadlet"]},
    "Export and import file systems": {
        "wharf.docker": ["container_export", "container_import"],
        "containers.podman": ["podman_export", "podman_import"],
    },
}
BENCHMARK = "20 unchanged containers in a loop, `connection: local`"
PODMAN = "Podman"


@pytest.mark.one_engine("what is compared are the collections")
@pytest.mark.parametrize("module", ["wharf.docker.container_run", "community.docker.docker_container"])
def test_what_a_task_does(module: str, image: str, name: str, client: Any, play: Callable[..., Any]) -> None:
    collections = "%s:%s" % (comparison.ROOT / ".cache" / "collections", peer.collections())

    def look() -> dict[str, Any] | None:
        try:
            return dict(client.inspect_container(name))
        except docker.errors.NotFound:
            return None

    options = {"name": name, "image": image, "command": "'sleep 1000'", "stop_timeout": "1"}
    found = comparison.tried(module, options, lambda argv: play(argv, ANSIBLE_COLLECTIONS_PATH=collections), look)
    collection = module.rpartition(".")[0]
    assert {line: comparison.CLAIMS[line][collection] for line in found} == found


def test_modules() -> None:
    """A line says yes if all these modules exist, and no for a collection without any."""
    for line, modules in MODULES.items():
        for collection, claim in comparison.CLAIMS[line].items():
            directory = (
                comparison.ROOT
                if collection == "wharf.docker"
                else (peer.collections() / "ansible_collections" / collection.replace(".", "/"))
            )
            found = {path.stem for path in (directory / "plugins" / "modules").glob("*.py")}
            assert claim == ("yes" if collection in modules else "no")
            assert set(modules.get(collection, [])) <= found


def test_each_line_is_shown() -> None:
    assert set(comparison.CLAIMS) == {*comparison.TRIED, *MODULES, BENCHMARK, PODMAN}
    page = (comparison.ROOT / "docs/docsite/rst/benchmarks.rst").read_text("utf-8")
    medians = re.findall(r"\* - loop of 20, unchanged\n     - (\S+)\n     - (\S+)\n     - (\S+)\n", page)
    assert len(medians) == 1
    claims = comparison.CLAIMS[BENCHMARK]
    assert float(claims["wharf.docker"].removesuffix(" s")) == round(float(medians[0][0]), 2)
    assert float(claims["community.docker"].removesuffix(" s")) == float(medians[0][2])
