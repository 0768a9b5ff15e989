# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_run: whether one container is as described. _container_run_change.py is for where it is not."""

from __future__ import annotations

from typing import Any, Mapping, Tuple

from ansible_collections.wharf.docker.plugins.module_utils import _fields as fields
from ansible_collections.wharf.docker.plugins.module_utils import _image
from ansible_collections.wharf.docker.plugins.module_utils._container import find_container, find_image
from ansible_collections.wharf.docker.plugins.module_utils._errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._plan import (
    Observed,
    Wanted,
    plan_container,
)
from ansible_collections.wharf.docker.plugins.module_utils._task import Call, Result, Task
from ansible_collections.wharf.docker.plugins.module_utils._wanted import OPTIONS, normalise


def run(call: Call) -> Result:
    wanted = normalise(call.params)
    call.seen.append({"env": wanted.normal.get("env"), "labels": wanted.normal.get("labels")})
    if wanted.state == "absent":
        from ansible_collections.wharf.docker.plugins.module_utils._container_run_change import make_absent

        return make_absent(call, wanted)
    wanted, observed = observe(call, wanted)
    call.about = wanted.name
    call.seen += [observed.container, observed.image]
    plan = plan_container(wanted, observed)
    if not plan.changed and wanted.detach and wanted.state != "healthy":
        return call.report(plan, container=observed.container or {})
    from ansible_collections.wharf.docker.plugins.module_utils._container_run_change import change

    return change(call, wanted, observed, plan)


def observe(call: Call, wanted: Wanted) -> Tuple[Wanted, Observed]:
    """What the engine has: the container, and the image that is wanted or in use. Names in ``wanted`` become ids."""
    lacks = fields.too_new(wanted.normal, call.engine.version)
    if wanted.endpoints:
        from ansible_collections.wharf.docker.plugins.module_utils import _values_network

        lacks = ", ".join(filter(None, (lacks, _values_network.too_new(wanted.endpoints, call.engine.version))))
    if lacks:
        raise Failure(
            "Cannot describe the container %s: %s, and the engine speaks API %d.%d. Leave the option out, or use a "
            "newer engine." % (wanted.name, lacks, *call.engine.version)
        )
    observed = Observed(find_container(call.engine, wanted.name))
    if observed.container is not None:
        wanted = under_own_name(wanted, observed.container)
    else:
        from ansible_collections.wharf.docker.plugins.module_utils import _aside

        observed = _aside.missing(call.engine, wanted)
    container = observed.container
    if wanted.state == "stopped" and container is not None:
        return wanted, observed
    name = wanted.image or (str(container["Image"]) if container else None)
    image = find_image(call.engine, name) if name else None
    newer = ""
    if wanted.image:
        newer = _image.why_pull(call.engine, wanted.image, wanted.pull, image, wanted.platform, call.warnings)
    compared = None
    if wanted.image_comparison == "current-image" and container is not None:
        compared = find_image(call.engine, str(container["Image"]))
    return _with_ids(call, wanted), observed._replace(image=image, newer=newer, compared=compared)


def under_own_name(wanted: Wanted, container: Mapping[str, Any]) -> Wanted:
    return wanted._replace(name=str(container["Name"]).lstrip("/"))  # It may have been found by its id.


def _with_ids(call: Call, wanted: Wanted) -> Wanted:
    """The engine stores the container of ``network_mode: container:NAME`` (ipc, pid) as an id: so it is compared.

    A container that is not there keeps its name: see _references.py for what becomes of that.
    """
    normal, words = dict(wanted.normal), dict(wanted.words)
    for option in ("network_mode", "ipc_mode", "pid_mode"):
        mode = normal.get(option, "")
        if mode.startswith("container:"):
            words[option] = mode
            other = find_container(call.engine, mode[len("container:") :])
            if other is not None:
                normal[option] = "container:" + str(other["Id"])
    return wanted._replace(normal=normal, words=words) if words else wanted


TASK = Task(name="container_run", options=OPTIONS, run=run)
