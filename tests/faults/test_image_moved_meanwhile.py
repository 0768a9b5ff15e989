# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image whose name is gone for a moment, as when another task imports it anew, is not pulled."""

from __future__ import annotations

import re
from typing import Any

import pytest
from between import between

from ansible_collections.wharf.docker.plugins.module_utils._flow import task as _task
from ansible_collections.wharf.docker.plugins.module_utils._tasks import registry as _registry

pytestmark = pytest.mark.one_engine("a proxy decides when the name is gone")


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("pull", ["missing", "never"])
def test_image_of_a_new_container(pull: str, check: bool, engine: Any, client: Any, image: str, name: str) -> None:
    """After the first look, which finds nothing, the image has the name that it is looked for by."""
    moved = "%s:moved" % name

    def tag(answer: bytes) -> bytes:
        found.honest()
        assert answer.startswith(b"HTTP/1.1 404"), answer
        client.tag(image, name, "moved")
        return answer

    with between(engine.url) as found:
        found.lie("GET .*/images/%s/json" % re.escape(moved), tag)
        result = _task.call(
            _registry.task("container_run"),
            {"docker_host": found.url, "name": name, "image": moved, "pull": pull, "command": ["sleep", "1000"]},
            check_mode=check,
        )
    client.remove_image(moved, force=True)
    assert result.get("actions") == [
        "create %s: no container of this name" % name,
        "start %s: state created → running" % name,
    ], result
