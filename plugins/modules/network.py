#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: network
short_description: Create, recreate or remove a network
version_added: 1.0.0
description:
  - Makes sure that a network exists as described, or that no network of its name exists, as C(docker network create)
    and C(docker network rm) do.
  - The engine can't change a network. If an option differs, the network is removed and recreated. Options that the task
    does not give are kept, such as the subnet, unless the driver changes.
  - A network that containers are connected to is neither removed nor recreated, unless O(force=true). This applies to
    stopped containers too, since the engine would leave them without the network that they need to start.
  - If recreating the network fails midway, the old network is created again as it was, and its containers are connected
    to it again.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Only the engine knows whether it has the driver and accepts its options, and whether a subnet is free.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(force=true) and O(state=present), an existing network is recreated in every run.
options:
  name:
    description:
      - The name of the network. IDs are not accepted.
      - The engine's own networks V(bridge), V(host) and V(none) can be neither removed nor recreated.
      - Several networks with this name, which older engines allow, are an error.
    type: str
    required: true
    aliases:
      - network_name
  state:
    description:
      - V(present) - the network exists as described.
      - V(absent) - no network of this name exists.
    type: str
    default: present
    choices:
      - absent
      - present
  driver:
    description:
      - The driver of the network (C(docker network create --driver)). C(docker info) lists the available drivers.
    type: str
    default: bridge
  driver_options:
    description:
      - Options for the driver (C(docker network create --opt)), for example V(com.docker.network.bridge.enable_icc).
      - Numbers and booleans become strings.
      - The network may have more options than these.
    type: dict
    default: {}
  internal:
    description:
      - Whether access to external networks is restricted (C(docker network create --internal)).
      - If not given, it is V(false) for a new network, and not compared for an existing one.
    type: bool
  attachable:
    description:
      - Whether containers of any node can be connected to a swarm's network (C(docker network create --attachable)).
      - If not given, it is V(false) for a new network, and not compared for an existing one.
    type: bool
  enable_ipv6:
    description:
      - Whether the network has IPv6 addresses (C(docker network create --ipv6)). Docker Engine 26 and older do not
        choose an IPv6 subnet, so O(ipam_config) has to have one.
      - If not given, it is V(false) for a new network, and not compared for an existing one.
    type: bool
  labels:
    description:
      - Labels (C(docker network create --label)).
      - Numbers and booleans become strings.
      - The network may have more labels than these.
    type: dict
    default: {}
  ipam_config:
    description:
      - The address ranges of the network.
      - If not given, the engine chooses a range for a new network, and the ranges of an existing one are not compared.
      - The network may have more ranges than these, such as the IPv4 range that the engine chooses if only an IPv6
        range is given.
    type: list
    elements: dict
    suboptions:
      subnet:
        description:
          - The subnet (C(docker network create --subnet)), for example V(192.0.2.0/24) or V(2001:db8::/64).
        type: str
        required: true
      iprange:
        description:
          - The part of O(ipam_config[].subnet) to allocate container addresses from
            (C(docker network create --ip-range)).
        type: str
      gateway:
        description:
          - The address in O(ipam_config[].subnet) that the engine uses itself (C(docker network create --gateway)).
        type: str
      aux_addresses:
        description:
          - Addresses in O(ipam_config[].subnet) that containers must not get, each with a name
            (C(docker network create --aux-address)).
        type: dict
  force:
    description:
      - Whether to remove or recreate the network even if containers are connected to it.
      - With O(state=present), an existing network is recreated even if nothing differs.
      - All its containers are disconnected, running or not. With O(state=present) they are connected again, with their
        fixed IP addresses, aliases, links and driver options. An address that the engine chose can change.
      - Docker Engine 20.10 restores the fixed MAC address of a container. Docker Engine 28 has been observed to assign
        another one, so such a container has to be recreated.
      - If a container can't be connected again, for example because its fixed address is not in the new subnet, the
        task fails, and the old network is restored.
    type: bool
    default: false
notes:
  - Networks of a swarm, and networks that share a configuration (C(--config-only), C(--config-from)), can be removed,
    but not recreated.
seealso:
  - module: wharf.docker.container_run
  - module: wharf.docker.volume
  - name: docker network create
    description: The corresponding docker command.
    link: https://docs.docker.com/reference/cli/docker/network/create/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# On the command line:
# ansible localhost -m wharf.docker.network -a "name=backend"

- name: Create a network
  wharf.docker.network:
    name: backend
    labels:
      com.example.team: web

- name: Create an internal network with a given subnet
  wharf.docker.network:
    name: database
    internal: true
    ipam_config:
      - subnet: 192.0.2.0/24
        gateway: 192.0.2.1
        iprange: 192.0.2.128/25
        aux_addresses:
          printer: 192.0.2.10

- name: Create a network with IPv4 and IPv6
  wharf.docker.network:
    name: frontend
    enable_ipv6: true
    ipam_config:
      - subnet: 198.51.100.0/24
      - subnet: 2001:db8:1::/64

- name: Change an option of a network, and reconnect its containers
  wharf.docker.network:
    name: backend
    driver_options:
      com.docker.network.bridge.enable_icc: false
    force: true

- name: Remove a network
  wharf.docker.network:
    name: backend
    state: absent
"""

RETURN = r"""
actions:
  description:
    - What was done, or in check mode would be done, in this order, each with its cause. Empty if nothing changes.
  returned: success
  type: list
  elements: str
  sample:
    - "create backend: no network of this name"
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      target: shop
      causes:
        - no network of this name
network:
  description:
    - The network after the task, as shown by C(docker network inspect). In check mode, the network before the task.
    - Empty if there is no network.
  returned: success
  type: dict
  sample:
    Attachable: false
    ConfigFrom: {"Network": ""}
    ConfigOnly: false
    Containers: {}
    Created: "2026-03-02T09:30:01.123456789Z"
    Driver: bridge
    EnableIPv6: false
    IPAM: {"Config": [{"Gateway": "172.18.0.1", "Subnet": "172.18.0.0/16"}], "Driver": "default", "Options": null}
    Id: 85fdf175e8dc158848d58d19ff69134529fd14ab4d2fc34509888f37827826fb
    Ingress: false
    Internal: false
    Labels: {"com.example.team": "web"}
    Name: backend
    Options: {}
    Scope: local
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import network as _network


def main() -> None:
    run_module(_network.TASK)


if __name__ == "__main__":
    main()
