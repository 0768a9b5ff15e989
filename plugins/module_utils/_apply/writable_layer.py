# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at the writable layer of a container that is going to go, and keeping what it has."""

from __future__ import annotations

from ansible_collections.wharf.docker.plugins.module_utils._apply.operations import (
    Applied,
)
from ansible_collections.wharf.docker.plugins.module_utils._apply.undo import Undo
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Step
from ansible_collections.wharf.docker.plugins.module_utils._values import core as values


def commit(engine: Engine, step: Step, undo: Undo, applied: Applied) -> None:
    """Make an image of the container. The engine gives it its name when it is complete."""
    repository, tag = values.image_reference(step.data["to"])
    query = {"container": step.data["id"], "repo": repository, "tag": tag, "pause": True}
    tried = "commit the container %s to the image %s" % (step.target, step.data["to"])
    engine.post("/commit", tried=tried, query=query, body={}, patient=True)
