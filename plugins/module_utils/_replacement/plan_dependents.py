# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The containers that depend on one that is going to be replaced, and what is done about them. Pure.

The engine stores another container's network, processes and shared memory under its id, and a link of the default
network leads to its id too: once that container is removed, its dependents are cut off, and can't start again. A
restart does not help, so they are recreated, for the container that has the name then.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Tuple

from ansible_collections.wharf.docker.plugins.module_utils._container.endpoints import create_networking
from ansible_collections.wharf.docker.plugins.module_utils._container.observed import (
    Dependent,
    Interrupted,
    Observed,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.status import (
    Api,
    is_paused,
    is_running,
    own_name,
)
from ansible_collections.wharf.docker.plugins.module_utils._container.steps import Pause, Rename, Start, Stop
from ansible_collections.wharf.docker.plugins.module_utils._container.wanted import (
    Wanted,
)
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.steps import Series, Step
from ansible_collections.wharf.docker.plugins.module_utils._replacement.labels import INTERRUPTED, WAS
from ansible_collections.wharf.docker.plugins.module_utils._replacement.plan_replacement import replace
from ansible_collections.wharf.docker.plugins.module_utils._replacement.recovery import (
    removal,
)
from ansible_collections.wharf.docker.plugins.module_utils._replacement.successor import Successor, image_of
from ansible_collections.wharf.docker.plugins.module_utils._values.core import (
    MASKED_LABEL,
    NEW,
    OWN_LABELS,
    VOLUMES_LABEL,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.network import endpoint_from_api

# Option → the place in HostConfig.
MODES = {"network_mode": "NetworkMode", "pid_mode": "PidMode", "ipc_mode": "IpcMode"}


def uses(container: Api, other: str) -> Tuple[str, ...]:
    """The options with which an inspected container uses the one with the id ``other``."""
    host = container.get("HostConfig") or {}
    return tuple(option for option, key in MODES.items() if host.get(key) == "container:" + other)


def links_to(names: List[str]) -> List[str]:
    """The containers that have links to a listed one: of its Names, "/web/db" is the alias db in the container web."""
    return sorted({parts[1] for parts in (name.split("/") for name in names) if len(parts) == 3})


def everyone(found: Tuple[Dependent, ...]) -> Iterator[Dependent]:
    """The dependents, each followed by its own dependents."""
    for one in found:
        yield one
        yield from everyone(one.dependents)


def told(found: Tuple[Dependent, ...]) -> List[Dict[str, Any]]:
    """The dependents as the task's result has them."""
    return [{"name": one.name, "by": list(one.by), "running": is_running(one.container)} for one in everyone(found)]


def warning(name: str, found: Tuple[Dependent, ...]) -> str:
    return (
        "The replacement of the container %s cuts off containers that depend on it: %s. Recreate them, or set "
        "dependents to restart." % (name, _in_words(found))
    )


def given_up_warning(name: str, found: Tuple[Dependent, ...]) -> str:
    return (
        "The container %s is stopped when the one before it comes back, which cuts off containers that depend on it: "
        "%s. Recreate them afterwards." % (name, _in_words(found))
    )


def refuse(name: str, found: Tuple[Dependent, ...]) -> None:
    if found:
        raise Failure(
            "Cannot replace or remove the container %s: others depend on it, and would be cut off: %s. Set dependents "
            "to restart to recreate those of a replaced one, or to report to go on all the same; nothing was touched."
            % (name, _in_words(found))
        )


def following(wanted: Wanted, observed: Observed, name: str, found: Tuple[Dependent, ...]) -> Tuple[Series, ...]:
    """The replacements of the dependents of the container ``name``: the new ones use its successor.

    The successor still has the name NAME.wharf-new, which the engine resolves to its id.
    """
    return tuple(_again(wanted, observed, one, name, name + NEW, name + NEW, apart=True) for one in found)


def restarts(name: str, found: Tuple[Dependent, ...]) -> Tuple[Series, ...]:
    """Restarts of the running dependents of the container ``name``: they lost what they use when it was stopped."""
    return tuple(
        _restart(one, "it uses %s of %s" % (", ".join(one.by), name))
        for one in everyone(found)
        if is_running(one.container) and one.by != ("links",)
    )


def _restart(one: Dependent, cause: str) -> Series:
    identity, paused = str(one.container["Id"]), is_paused(one.container)
    steps: List[Step] = [Stop(one.name, (cause,), identity, paused=paused), Start(one.name, (cause,), identity)]
    if paused:
        steps.append(Pause(one.name, (cause,), identity))
    return Series(one.name, (cause,), "restart", tuple(steps))


def mending_steps(wanted: Wanted, observed: Observed, found: Interrupted) -> List[Step]:
    """The steps that repair the dependents after the recovery of an interrupted replacement."""
    steps, using, using_other = _settled(found)
    name, identity = wanted.name, found.ids[0]
    steps += [_again(wanted, observed, one, name, identity, name) for one in using_other]
    # When the container was stopped, dependents either lost what they use and ran on, or ended with it.
    steps += [
        _restart(one, "the replacement of %s was interrupted" % name)
        for one in everyone(using)
        if one.by != ("links",) and _was_cut_off(one.container, found.since)
    ]
    return steps


def all_of(found: Interrupted) -> Tuple[List[Step], Tuple[Dependent, ...]]:
    """If the container is going to be replaced once more: the steps before that, and its dependents."""
    steps, using, using_other = _settled(found)
    return steps, tuple(_as_it_ran(one, found.since) for one in using) + using_other


def _settled(found: Interrupted) -> Tuple[List[Step], Tuple[Dependent, ...], Tuple[Dependent, ...]]:
    """The steps that leave one container of each half-replaced dependent, and the dependents of both after them."""
    (own, other), (using, using_other) = found.ids, found.using
    steps: List[Step] = []
    for new, old in found.half_made:
        settled, first = _settle(new, old)
        steps += first
        using += tuple(Dependent(settled, by) for by in [uses(settled, own)] if by)
        using_other += tuple(Dependent(settled, by) for by in [uses(settled, other)] if by)
    return steps, using, tuple(_as_it_ran(one, found.since) for one in using_other)


def _was_cut_off(container: Api, since: str) -> bool:
    """Whether a restart is needed: it has run since before the container it uses was stopped, or ended with that."""
    if is_running(container):
        return str(container["State"].get("StartedAt"))[:19] <= since[:19]
    return _ended(container, since)


def _ended(container: Api, since: str) -> bool:
    return str(container["State"].get("FinishedAt"))[:19] >= since[:19]


def _as_it_ran(one: Dependent, since: str) -> Dependent:
    """A dependent that shares the processes of another container ends with it: if it ended since, it ran before."""
    return _running(one) if _ended(one.container, since) else one


def _running(one: Dependent) -> Dependent:
    return one._replace(container={**one.container, "State": {**one.container["State"], "Running": True}})


def _settle(new: Api, old: Optional[Api]) -> Tuple[Api, List[Step]]:
    """Which of a dependent's two containers stays, as it is after the steps that are returned as well."""
    name = own_name(new)[: -len(NEW)]
    if old is None:
        return {**new, "Name": "/" + name}, [Rename(own_name(new), (INTERRUPTED,), new["Id"], new_name=name)]
    steps: List[Step] = [removal(own_name(new), new, INTERRUPTED, volumes=True)]
    if own_name(old) != name:
        steps.append(Rename(own_name(old), (INTERRUPTED,), old["Id"], new_name=name))
    ran = new["Config"]["Labels"].get(WAS) in ("running", "paused")
    state = {**old["State"], "Running": ran}
    return {**old, "Name": "/" + name, "State": state}, steps


def _new_link(link: str, old_name: str, new_name: str) -> str:
    """A link of an inspected HostConfig, "/db:/web/alias", in the form of a create body: "db:alias"."""
    target, _colon, alias = link.partition(":")
    target = target.lstrip("/")
    return "%s:%s" % (new_name if target == old_name else target, alias.rpartition("/")[2])


def _in_words(found: Tuple[Dependent, ...]) -> str:
    return ", ".join("%s (%s)" % (one.name, ", ".join(one.by)) for one in everyone(found))


def _again(
    wanted: Wanted, observed: Observed, one: Dependent, used: str, container: str, linked: str, apart: bool = False
) -> Series:
    """The replacement of a dependent by one that differs only in the container it uses.

    ``used``: the name of the container that it uses. ``container``: the id or name of the container that the new one is
    to use, ``linked``: the name that its links are to lead to.
    """
    body = create_body_of(one.container, one.image)
    host = dict(body["HostConfig"])
    for option, key in MODES.items():
        if option in one.by:
            host[key] = "container:" + container
    host["Links"] = [_new_link(link, used, linked) for link in host.get("Links") or []]
    body["HostConfig"] = host
    connect = create_networking(body, _endpoints(one.container), "")
    alike = Wanted(name=one.name, state="present", healthy_within=wanted.healthy_within)
    its = Observed(one.container, one.image, version=observed.version, podman=observed.podman, writer=observed.writer)
    return replace(
        alike,
        its,
        one.container,
        ("it uses %s of %s, which is replaced" % (", ".join(one.by), used),),
        Successor(body, tuple(connect)),
        following(wanted, observed, one.name, one.dependents),
        restarts(one.name, one.dependents),
        apart,
        alone=False,
    )


def create_body_of(container: Api, image: Optional[Api]) -> Dict[str, Any]:
    """The create body that recreates an inspected container, without its networks."""
    config = {key: value for key, value in container["Config"].items() if value is not None}
    host = {key: value for key, value in container["HostConfig"].items() if value is not None}
    config["Image"] = image_of(container, image)
    labels = config.get("Labels") or {}
    config["Labels"] = {
        label: text
        for label, text in labels.items()
        if label in (VOLUMES_LABEL, MASKED_LABEL) or not label.startswith(OWN_LABELS)
    }
    foreign = str(host.get("NetworkMode", "")).startswith("container:")
    if foreign or host.get("UTSMode") == "host" or config.get("Hostname") == container["Id"][:12]:
        config.pop("Hostname", None)
    if foreign:
        # The engine refuses them together with another container's network, even if they come from the image.
        for key in ("Domainname", "ExposedPorts", "MacAddress"):
            config.pop(key, None)
    return {**config, "HostConfig": host}


def _endpoints(container: Api) -> Dict[str, Dict[str, Any]]:
    """The endpoints of a container for its successor, without what the engine assigned, such as a MAC address."""
    mode = str(container["HostConfig"].get("NetworkMode") or "default")
    found = {}
    for name, api in ((container.get("NetworkSettings") or {}).get("Networks") or {}).items():
        if name in ("none", "host") or (name == "bridge" and mode == "default"):
            continue
        endpoint = endpoint_from_api(api, container["Id"], own_name(container))
        found[name] = {key: value for key, value in endpoint.items() if key != "mac_address"}
    return found
