# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""network: options that are refused without asking an engine."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "name: '' can't be a network's"),
        ({"name": " net"}, "name: ' net' can't be a network's"),
        ({"name": "net\n"}, "can't be a network's"),
        ({"labels": {"a": [1]}}, "labels: the value of 'a' is a list: use a string, a number, true or false."),
        ({"driver_options": {"": 1}}, "driver_options: key '' is not a name"),
        ({"ipam_config": [{"gateway": "10.201.0.1"}]}, "missing required arguments: subnet"),
        ({"ipam_config": [{"subnet": "10.201.0.0"}]}, "the subnet '10.201.0.0' is not a valid range of addresses"),
        (
            {"ipam_config": [{"subnet": "10.201.0.0/33"}]},
            "is not a valid range of addresses: use for example 192.0.2.0/24",
        ),
        ({"ipam_config": [{"subnet": "fe80::1%eth0/64"}]}, "is not a valid range of addresses"),
        ({"ipam_config": [{"subnet": "10.201.0.5/24"}]}, "is an address in a range: use 10.201.0.0/24"),
        (
            {"ipam_config": [{"subnet": "10.201.0.0/24", "iprange": "10.202.0.0/25"}]},
            "ipam_config: the iprange 10.202.0.0/25 is not in the subnet 10.201.0.0/24: use a part of it.",
        ),
        (
            {"ipam_config": [{"subnet": "10.201.0.0/24", "iprange": "fd00::/64"}]},
            "the iprange fd00::/64 is not in the subnet 10.201.0.0/24",
        ),
        (
            {"ipam_config": [{"subnet": "10.201.0.0/24", "gateway": "10.202.0.1"}]},
            "the gateway 10.202.0.1 is not in the subnet 10.201.0.0/24",
        ),
        ({"ipam_config": [{"subnet": "10.201.0.0/24", "gateway": "gw"}]}, "the gateway 'gw' is not a valid IP address"),
        (
            {"ipam_config": [{"subnet": "10.201.0.0/24", "aux_addresses": {"a": "10.202.0.1"}}]},
            "the aux_addresses.a 10.202.0.1 is not in the subnet",
        ),
    ],
)
def test_wrong_values(arguments: dict[str, Any], message: str, refused: Any) -> None:
    assert message in refused("network", **{"name": "net", **arguments})
