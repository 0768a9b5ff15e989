# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task container_info: which containers exist, and the details of each. It changes nothing."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container import selection as _select
from ansible_collections.wharf.docker.plugins.module_utils._container.status import listed_name, own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import (
    Engine,
    segment,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import (
    EngineError,
    Failure,
)
from ansible_collections.wharf.docker.plugins.module_utils._flow.plan import Plan
from ansible_collections.wharf.docker.plugins.module_utils._flow.task import SECRET_PATTERNS, Call, Result, Task

# The facts about a container that are only returned on request.
EXTRAS = ("processes", "changes", "stats", "previous", "given_up")
# The kinds of change in a writable layer, as the API numbers them.
KINDS = ("modified", "added", "deleted")

OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "list", "elements": "str"},
    "filters": {"type": "dict"},
    "all": {"type": "bool", "default": False},
    "size": {"type": "bool", "default": False},
    "processes": {"type": "bool", "default": False},
    "ps_args": {"type": "str", "default": "-ef"},
    "changes": {"type": "bool", "default": False},
    "stats": {"type": "bool", "default": False},
    "previous": {"type": "bool", "default": False},
    "format": {"type": "str", "default": "full", "choices": ["full", "brief"]},
    "secret_patterns": SECRET_PATTERNS,
}


def run(call: Call) -> Result:
    params = call.params
    names, filters = _select.names_from(params["name"]), _select.filters_from(params["filters"])
    if names is not None and filters is not None:
        raise Failure("Give either name or filters: both are given.")
    engine = call.engine  # Connected to here, once, since the threads share it.
    missing: List[str] = []
    if names is None:
        documents = _select.find_by_filters(engine, filters or {}, stopped=params["all"])
    else:
        documents, missing = _select.find_by_names(engine, names)
    found = _select.each(lambda document: _described(engine, document, params), documents)
    containers = [container for container in found if container is not None]
    gone = [document for document, container in zip(documents, found) if container is None]
    if names is not None and gone:
        missing = [name for name in names if name in missing or any(_is_called(name, document) for document in gone)]
    if params["stats"]:
        from ansible_collections.wharf.docker.plugins.module_utils._container.stats import read_stats

        for container, stats in zip(containers, read_stats(engine, containers)):
            container["stats"] = stats
    if params["previous"]:
        beside = _beside(engine)
        for container in containers:
            container["previous"], container["given_up"] = beside.get(own_name(container), ([], {}))
    call.about = _select.in_words(own_name(document) for document in documents)
    if params["format"] == "brief":
        containers = [brief(container) for container in containers]
    if names is None or len(names) != 1:
        return call.report(Plan(), containers=containers, missing=missing)
    exists = bool(containers)
    one = containers[0] if exists else None
    return call.report(Plan(), container=one, exists=exists, missing=[] if exists else names)


def ports(container: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """The published ports of an inspected container: ``container_port`` ("80/tcp"), ``host_ip``, ``host_port``.

    Empty if it is not running: a port is only published while it is.
    """
    published = (container.get("NetworkSettings") or {}).get("Ports") or {}
    return [
        {
            "container_port": port,
            "host_ip": binding.get("HostIp") or "",
            "host_port": int(binding["HostPort"]) if binding.get("HostPort") else None,
        }
        for port in sorted(published, key=_port_order)
        for binding in published[port] or []
    ]


def brief(container: Mapping[str, Any]) -> Dict[str, Any]:
    """A container in the columns of ``docker ps``, with the facts that the task requests."""
    health = container["State"].get("Health") or {}
    networks = (container.get("NetworkSettings") or {}).get("Networks") or {}
    columns = {
        "name": own_name(container),
        "id": container["Id"][:12],
        "image": container["Config"]["Image"],
        "command": _command(container),
        "created": container["Created"],
        "status": container["State"]["Status"],
        "health": None if health.get("Status") in (None, "none") else health["Status"],
        "ports": container["ports"],
        "networks": sorted(networks),
    }
    if "SizeRw" in container:
        columns["size"] = container["SizeRw"] or 0
    return {**columns, **{key: container[key] for key in EXTRAS if key in container}}


def _command(container: Mapping[str, Any]) -> str:
    """The command as in the engine's listing: words with a space are quoted."""
    arguments = ["'%s'" % word if " " in word else word for word in container.get("Args") or []]
    return " ".join([str(container.get("Path") or ""), *arguments])


def _described(engine: Engine, document: Dict[str, Any], params: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
    """The inspect document with the requested facts; None if the container has been removed in the meantime."""
    path = "/containers/%s" % segment(document["Id"])
    tried = "of the container %s" % own_name(document)
    extra: Dict[str, Any] = {}
    try:
        if params["size"]:
            document = engine.get(path + "/json", tried="read the size " + tried, query={"size": True})
        if params["processes"]:
            extra["processes"] = _processes(engine, document, params["ps_args"], path, tried)
        if params["changes"]:
            listed = engine.get(path + "/changes", tried="read the changes %s" % tried) or []
            extra["changes"] = [{"path": entry["Path"], "kind": KINDS[entry["Kind"]]} for entry in listed]
    except EngineError as error:
        if error.status == 404:
            return None
        raise
    return {**document, "ports": ports(document), **extra}


def _is_called(name: str, document: Mapping[str, Any]) -> bool:
    return name == own_name(document) or bool(document["Id"].startswith(name))


def _beside(engine: Engine) -> Dict[str, Tuple[List[Dict[str, Any]], Dict[str, Any]]]:
    """For each replaced container: the kept containers, the last one first, and the given-up one.

    One call for all of them.
    """
    from ansible_collections.wharf.docker.plugins.module_utils._values.core import BESIDE

    query = {"all": True, "filters": {"name": [BESIDE + "$"]}}
    kept: Dict[str, List[Tuple[int, Dict[str, Any]]]] = {}
    given_up: Dict[str, Dict[str, Any]] = {}
    for entry in engine.get("/containers/json", tried="look for replaced containers", query=query):
        name = listed_name(entry)
        found = re.fullmatch("(.+)" + BESIDE, name)
        if found is None:
            continue
        summary = {"Id": entry["Id"], "name": name, "image": entry["Image"], "state": entry["State"]}
        of, what = found.group(1), found.group(2)
        if what == "new" and entry["State"] == "exited":
            given_up[of] = summary
        elif what.startswith("previous-"):
            kept.setdefault(of, []).append((int(what.partition("-")[2]), summary))
    return {
        of: ([summary for _number, summary in sorted(kept.get(of, []), key=lambda pair: pair[0])], given_up.get(of, {}))
        for of in {*kept, *given_up}
    }


def _processes(
    engine: Engine, document: Mapping[str, Any], ps_args: str, path: str, tried: str
) -> List[Dict[str, str]]:
    """Each process as a dictionary of the columns of ``ps``; [] if the container is not running."""
    if not document["State"]["Running"] or document["State"].get("Restarting"):
        return []
    try:
        table = engine.get(path + "/top", tried="list the processes " + tried, query={"ps_args": ps_args})
    except EngineError as error:
        if error.status == 409:  # It has ended since it was inspected.
            return []
        raise
    return [dict(zip(table["Titles"], row)) for row in table["Processes"] or []]


def _port_order(port: str) -> Tuple[int, str]:
    number, _slash, protocol = port.partition("/")
    return (int(number) if number.isdigit() else 0, protocol)


TASK = Task(name="container_info", options=OPTIONS, run=run)
