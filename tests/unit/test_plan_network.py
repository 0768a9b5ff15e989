# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks, as tables: differences, steps, and the request that creates one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._flow.difference import Difference
from ansible_collections.wharf.docker.plugins.module_utils._objects.create_only import CreateObject
from ansible_collections.wharf.docker.plugins.module_utils._tasks import network as _network

NETWORK = {
    "Name": "net",
    "Id": "85fdf175e8dc158848d58d19ff69134529fd14ab4d2fc34509888f37827826fb",
    "Driver": "bridge",
    "Scope": "local",
    "IPAM": {"Driver": "default", "Options": None, "Config": [{"Subnet": "10.1.0.0/16", "Gateway": "10.1.0.1/16"}]},
    "EnableIPv6": False,
    "Internal": False,
    "Attachable": False,
    "Options": {"o": "1"},
    "Labels": None,
}


@pytest.mark.parametrize(
    ("normal", "found"),
    [
        ({}, []),
        ({"driver": "bridge", "driver_options": {"o": "1"}, "internal": False, "labels": {}}, []),
        ({"labels": {"a": "1"}}, [Difference("labels", {}, {"a": "1"})]),
        ({"driver_options": {"p": "2"}}, [Difference("driver_options", {}, {"p": "2"})]),
        ({"ipam_config": [{"subnet": "10.1.0.0/16"}]}, []),
        ({"ipam_config": [{"subnet": "10.1.0.0/16", "gateway": "10.1.0.1"}]}, []),
        (
            {"ipam_config": [{"subnet": "10.1.0.0/16", "iprange": "10.1.1.0/24"}]},
            [
                Difference(
                    "ipam_config",
                    [{"subnet": "10.1.0.0/16", "gateway": "10.1.0.1"}],
                    [{"subnet": "10.1.0.0/16", "gateway": "10.1.0.1", "iprange": "10.1.1.0/24"}],
                )
            ],
        ),
    ],
)
def test_differences(normal: Any, found: Any) -> None:
    assert _network.differences(_network.Wanted("net", normal=normal), NETWORK) == found


@pytest.mark.parametrize("more", [{"Scope": "swarm"}, {"ConfigOnly": True}, {"ConfigFrom": {"Network": "base"}}])
def test_networks_that_would_not_come_back(more: Any) -> None:
    observed = _network.Observed({**NETWORK, **more})
    with pytest.raises(Failure, match="might not come back as it is"):
        _network.plan_network(_network.Wanted("net", force=True), observed)
    assert _network.plan_network(_network.Wanted("net", "absent"), observed).changed


def test_fixed_addresses_come_first() -> None:
    """Otherwise the engine could give a container an address that is fixed for another one."""
    members = tuple(
        _network.Member(identity, identity, "running", {"IPAMConfig": fixed} if fixed else {})
        for identity, fixed in (("a", None), ("b", {"IPv4Address": "10.1.0.2"}), ("c", None))
    )
    plan = _network.plan_network(_network.Wanted("net", force=True), _network.Observed(NETWORK, members))
    assert [(step.action, step.target) for step in plan.steps] == [
        *(("disconnect", target) for target in "cab"),
        ("recreate", "net"),
        *(("connect", target) for target in "bac"),
    ]


@pytest.mark.parametrize(
    ("normal", "network", "parts"),
    [
        (
            {"labels": {"a": "1"}},
            {},
            {"Labels": {"a": "1"}, "Options": {"o": "1"}, "IPAM": [{"Subnet": "10.1.0.0/16", "Gateway": "10.1.0.1"}]},
        ),
        ({"driver": "macvlan"}, {}, {"Driver": "macvlan", "Options": {}, "IPAM": []}),
        (
            {"driver": "macvlan", "ipam_config": [{"subnet": "10.1.0.0/16"}]},
            {},
            {"Options": {}, "IPAM": [{"Subnet": "10.1.0.0/16"}]},
        ),
        (
            {"ipam_config": [{"subnet": "fd00::/64"}]},
            {},
            {"IPAM": [{"Subnet": "fd00::/64"}, {"Subnet": "10.1.0.0/16", "Gateway": "10.1.0.1"}]},
        ),
        (
            {"enable_ipv6": False},
            {"EnableIPv6": True, "IPAM": {"Config": [{"Subnet": "10.1.0.0/16"}, {"Subnet": "fd00::/64"}]}},
            {"EnableIPv6": False, "IPAM": [{"Subnet": "10.1.0.0/16"}]},
        ),
        ({"internal": True}, {"EnableIPv4": False}, {"Internal": True, "EnableIPv4": False}),
    ],
)
def test_what_a_new_one_is_made_of(normal: Any, network: Any, parts: dict[str, Any]) -> None:
    observed = _network.Observed({**NETWORK, **network})
    (step,) = _network.plan_network(_network.Wanted("net", normal=normal), observed).steps
    made = list(step.single())[-1]
    assert isinstance(made, CreateObject)
    body = {**made.body, "IPAM": made.body["IPAM"]["Config"]}
    assert {key: body[key] for key in parts} == parts
