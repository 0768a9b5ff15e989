#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: network
short_description: Create, remake or remove a network
version_added: 1.0.0
description:
  - Makes sure that a network is there as described, or that there is none of its name, as C(docker network create) and
    C(docker network rm) do.
  - The engine can't change a network. If an option differs, the network is removed and made anew. What the task does
    not give stays as it was, such as the subnet, unless the driver changes.
  - A network that containers are connected to is not removed, and not made anew, unless O(force=true). That holds for
    stopped containers too, which the engine would leave without the network they need to start.
  - If making it anew fails half way, the old network is made once more as it was, and the containers are connected to
    it again.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.ACTIONGROUP_DOCKER
attributes:
  check_mode:
    support: full
    details:
      - Only the engine knows whether it has the driver and takes its options, and whether a subnet is free.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(force=true) and O(state=present), a network that is there is made anew in every run.
options:
  name:
    description:
      - The network's name. An id is refused.
      - The engine's own networks V(bridge), V(host) and V(none) can be neither removed nor made anew.
      - Several networks of this name, which older engines allow, are an error.
    type: str
    required: true
    aliases:
      - network_name
  state:
    description:
      - V(present) is a network as described.
      - V(absent) is no network of this name.
    type: str
    default: present
    choices:
      - absent
      - present
  driver:
    description:
      - What makes the network, as C(docker network create --driver). C(docker info) lists the drivers that the engine
        has.
    type: str
    default: bridge
  driver_options:
    description:
      - Options for the driver, as C(docker network create --opt), for example
        V(com.docker.network.bridge.enable_icc).
      - Numbers, V(true) and V(false) are given to the driver as text.
      - The network may have more options than these.
    type: dict
    default: {}
  internal:
    description:
      - Whether the network leads nowhere outside, as C(docker network create --internal).
      - If it is not given, it is V(false) for a new network, and not looked at for one that is there.
    type: bool
  attachable:
    description:
      - Whether a container of any node may be connected to a swarm's network, as
        C(docker network create --attachable).
      - If it is not given, it is V(false) for a new network, and not looked at for one that is there.
    type: bool
  enable_ipv6:
    description:
      - Whether the network has IPv6 addresses, as C(docker network create --ipv6). Engines before Docker Engine 27
        choose none by themselves, so that O(ipam_config) has to have a subnet of IPv6.
      - If it is not given, it is V(false) for a new network, and not looked at for one that is there.
    type: bool
  labels:
    description:
      - Labels of the network, as C(docker network create --label).
      - Numbers, V(true) and V(false) become text.
      - The network may have more labels than these.
    type: dict
    default: {}
  ipam_config:
    description:
      - The ranges of addresses of the network.
      - If it is not given, the engine chooses a range for a new network, and what a network has is not looked at.
      - The network may have more ranges than these, such as the one of IPv4 that the engine chooses where only one of
        IPv6 is given.
    type: list
    elements: dict
    suboptions:
      subnet:
        description:
          - The range, as C(docker network create --subnet), for example V(192.0.2.0/24) or V(2001:db8::/64).
        type: str
        required: true
      iprange:
        description:
          - The part of O(ipam_config[].subnet) from which containers have their addresses, as
            C(docker network create --ip-range).
        type: str
      gateway:
        description:
          - The address of O(ipam_config[].subnet) that the engine takes for itself, as
            C(docker network create --gateway).
        type: str
      aux_addresses:
        description:
          - Addresses of O(ipam_config[].subnet) that no container gets, each with the name of whatever has it, as
            C(docker network create --aux-address).
        type: dict
  force:
    description:
      - Whether the network is removed, or made anew, even while containers are connected to it.
      - With O(state=present), a network that is there is made anew whether something differs or not.
      - All its containers are disconnected, running or not. With O(state=present) they are connected again, with the
        fixed IP addresses, aliases, links and driver options that they had. An address that the engine chose can be
        another one afterwards.
      - Docker Engine 20.10 gives a fixed MAC address back to a container. Docker Engine 28 was seen to give it another
        one, so that such a container has to be made anew.
      - A container that can't be connected again, for example because its fixed address is not in the new subnet, is a
        failure, and the old network comes back.
    type: bool
    default: false
notes:
  - Networks of a swarm, and those that share a configuration (C(--config-only), C(--config-from)), can be removed, but
    not made anew.
seealso:
  - module: wharf.docker.container_run
  - module: wharf.docker.volume
  - name: docker network create
    description: The command this module stands for.
    link: https://docs.docker.com/reference/cli/docker/network/create/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
# The same from the command line:
#   ansible localhost -m wharf.docker.network -a "name=backend"

- name: Create a network
  wharf.docker.network:
    name: backend
    labels:
      com.example.team: web

- name: Create a network without a way outside, with addresses of its own
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

- name: Give a network another option, and take its containers along
  wharf.docker.network:
    name: backend
    driver_options:
      com.docker.network.bridge.enable_icc: false
    force: true

- name: Remove a network that nothing is connected to
  wharf.docker.network:
    name: backend
    state: absent
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, each with its cause. Empty where nothing is to be done.
  returned: success
  type: list
  elements: str
  sample:
    - "create backend: no network of this name"
steps:
  description:
    - The single steps of RV(actions), in their order.
    - Each has its C(action), such as V(create) or V(stop), its C(target), and its C(causes).
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
    - What C(docker network inspect) says of the network after the task, or before it in check mode. Empty where there
      is none.
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
