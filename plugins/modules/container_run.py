#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of container_run; its code is in module_utils/_tasks/container_run.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_run
short_description: Run one container as described
version_added: 1.0.0
description:
  - Makes one container match the task, as C(docker run), C(docker update) and C(docker rm) would. The container is
    created, updated, replaced, started, stopped or removed as needed. A container that matches is left alone.
  - Limits, the restart policy and networks are changed live if the engine can do that. Any other difference replaces
    the container. If its replacement fails, the old container is restored.
  - With O(detach=false) it runs a command to its end and returns the output.
  - An option that is not given is not managed. It is not compared, and a new container gets the default of the engine
    or of the image.
  - Options have the same names and meaning as in P(community.docker.docker_container#module).
  - The options belong to the following groups.
  - B(Container and state) - O(name), O(state), O(paused), O(restart), O(recreate), O(detach), O(cleanup),
    O(auto_remove), O(keep_volumes), O(rename_from).
  - B(Image) - O(image), O(pull), O(platform).
  - B(Process) - O(command), O(entrypoint), O(user), O(groups), O(working_dir), O(tty), O(interactive), O(init).
  - B(Environment and labels) - O(env), O(env_file), O(env_secret), O(secret_patterns), O(labels), O(label_file),
    O(annotations).
  - B(Starting, stopping and health) - O(restart_policy), O(restart_retries), O(healthcheck), O(healthy_wait_timeout),
    O(stop_signal), O(stop_timeout), O(force_kill), O(kill_signal), O(removal_wait_timeout).
  - B(Ports and networks) - O(published_ports), O(publish_all_ports), O(exposed_ports), O(default_host_ip),
    O(networks), O(network_mode), O(mac_address), O(links), O(hostname), O(domainname), O(dns_servers), O(dns_opts),
    O(dns_search_domains), O(etc_hosts).
  - B(Storage) - O(volumes), O(mounts), O(tmpfs), O(volumes_from), O(volume_driver), O(read_only), O(shm_size),
    O(storage_opts).
  - B(Memory, CPU and other limits) - O(memory), O(memory_reservation), O(memory_swap), O(memory_swappiness),
    O(kernel_memory), O(oom_killer), O(oom_score_adj), O(cpus), O(cpu_shares), O(cpu_period), O(cpu_quota),
    O(cpu_rt_period), O(cpu_rt_runtime), O(cpuset_cpus), O(cpuset_mems), O(pids_limit), O(ulimits), O(blkio_weight),
    O(blkio_weight_device), O(device_read_bps), O(device_write_bps), O(device_read_iops), O(device_write_iops).
  - B(Devices) - O(devices), O(gpus), O(device_requests), O(device_cgroup_rules).
  - B(Security and isolation) - O(privileged), O(capabilities), O(cap_drop), O(security_opts), O(sysctls),
    O(userns_mode), O(pid_mode), O(ipc_mode), O(uts), O(cgroup_parent), O(cgroupns_mode), O(runtime), O(isolation).
  - B(Logging) - O(log_driver), O(log_options).
  - B(Replacing) - O(replace), O(keep_previous), O(unspecified), O(renew_anonymous_volumes), O(dependents),
    O(writable_layer), O(writable_layer_image), O(writable_layer_path), O(writable_layer_ignore).
  - B(Comparing) - O(comparisons), O(image_comparison), O(image_label_mismatch), O(image_name_mismatch).
  - B(Compatibility with docker_container) - O(command_handling), O(container_default_behavior),
    O(networks_cli_compatible), O(output_logs), O(pull_check_mode_behavior).
  - B(Connection to the engine) - O(docker_host) and the other options that all modules of this collection have.
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.actiongroup_docker
attributes:
  check_mode:
    support: full
    details:
      - With O(pull=always) the registry is queried for the image's digest in check mode too. Nothing is pulled.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(recreate=true) an existing container is always replaced, unless O(state) is V(stopped) or V(absent).
      - With O(detach=false) a container that has ended is run again.
options:
  name:
    description:
      - The container's name (C(docker run --name)). It has at least two characters, which are letters, digits,
        underscores, dots and dashes, and begins with a letter or a digit.
    type: str
    required: true
  state:
    description:
      - The state of the container after the task.
      - V(started) - the container matches the task and is running. A paused container counts as running and stays
        paused.
      - V(healthy) - as V(started), and its health check has succeeded. The task waits for that for up to
        O(healthy_wait_timeout) seconds. It fails at once if there is no health check, if the check reports
        C(unhealthy), or if the container ends.
      - V(present) - the container matches the task, running or not. A container that is not running is not started. A
        running container that has to be replaced is running afterwards (one that was paused is no longer paused).
      - V(stopped) - the container exists and is not running. A running container is stopped with its stop signal, and
        killed if it does not end within its stop timeout. The options of an existing container are not compared in
        this state, and it is never replaced. If there is no such container, it is created and not started.
      - V(absent) - the container does not exist. A running container is stopped as with V(stopped), and removed. Its
        anonymous volumes stay (see O(keep_volumes)). Leftovers of its replacements, and the containers that
        O(keep_previous) has kept, are removed as well.
    type: str
    default: started
    choices:
      - absent
      - present
      - healthy
      - stopped
      - started
  paused:
    description:
      - Whether the container is paused. Only used with O(state=started) and O(state=healthy). If not given, a paused
        container stays paused.
    type: bool
  restart:
    description:
      - Whether to restart a running container that matches the task. Only used with O(state=started) and
        O(state=healthy). It is a change in every run.
      - A container that the task replaces or starts anyway is not restarted in addition.
    type: bool
    default: false
  recreate:
    description:
      - Whether to replace an existing container even if nothing differs.
    type: bool
    default: false
  detach:
    description:
      - Whether the container keeps running in the background (C(docker run --detach)), which is the default.
      - With V(false) the task starts the container, waits for its end, and returns RV(rc), RV(stdout) and RV(stderr).
        It fails if the exit code is not 0. If the container is already running, the task waits for its end, and
        returns what its log already holds as well. There is no time limit.
      - Only used with O(state=started) and O(state=healthy).
    type: bool
  cleanup:
    description:
      - Whether to remove the container after it has ended, whatever its exit code. Only used with O(detach=false) if
        the task starts the container.
      - As with C(docker run --rm), its anonymous volumes are removed too. With O(auto_remove) the engine does the same.
    type: bool
    default: false
  auto_remove:
    description:
      - Whether the engine removes the container and its anonymous volumes when it ends (C(docker run --rm)). It can't
        be combined with a O(restart_policy) other than V(no).
      - "Comparison: strict."
    type: bool
  keep_volumes:
    description:
      - Whether to keep the anonymous volumes of a container that is removed or replaced. Volumes that have moved to
        its replacement always stay with that one (see O(renew_anonymous_volumes)).
    type: bool
    default: true
  rename_from:
    description:
      - The previous name of the container (C(docker rename)). If there is no container O(name), but one with this name,
        that one is renamed, without stopping it, and then compared with the task.
      - Ignored with O(state=absent).
    type: str
  image:
    description:
      - The image, by name (V(nginx:1.29); without a tag, V(latest) is used), by name and digest, or by its full ID of
        64 hexadecimal digits.
      - Required if the container does not exist yet. If the task gives no image, a replacement uses the image of the
        old container. An empty string counts as not given.
      - "Comparison: strict. The container is replaced if the engine now has another image under this name than the
        container was created from, or if it was created from another name of the same image (see
        O(image_name_mismatch))."
    type: str
  pull:
    description:
      - When to pull O(image) (C(docker run --pull)).
      - V(missing) and V(false) - if the engine does not have it.
      - V(always) and V(true) - query the registry for the image's digest, and pull if the engine has no image with
        that digest under this name. A container that was created from the older image is replaced.
      - V(newer) - as V(always), but if the registry is unreachable and the engine has the image, that one is used,
        with a warning.
      - V(never) - fail if the engine does not have the image and a container has to be created from it.
      - An image that is given by its ID is never pulled.
      - The credentials that C(docker login) stores on the managed host are used, including those in credential helpers.
        See C(DOCKER_CONFIG).
    type: raw
    choices:
      - never
      - missing
      - always
      - newer
      - true
      - false
    default: missing
  platform:
    description:
      - The platform of the image, such as V(linux/arm64) (C(docker run --platform)). An architecture alone means
        Linux, and an operating system alone means any of its architectures.
      - If the engine has O(image) for another platform, it is pulled for this one, and the container is replaced. With
        O(pull=never) that is an error.
    type: str
  command:
    description:
      - The command to run, the C(COMMAND) of C(docker run). A string is split into words as a shell does it, but no
        shell is run. A list is used as it is. An empty string or list means the command of the image.
      - "Comparison: strict, including the order."
    type: raw
  entrypoint:
    description:
      - The program and its first arguments, instead of the image's entrypoint (C(docker run --entrypoint)). An empty
        list means the entrypoint of the image, and a list with one empty string means no entrypoint.
      - "Comparison: strict, including the order."
    type: list
    elements: str
  user:
    description:
      - The user that the process runs as, and after a colon its group, by name or number (C(docker run --user)).
      - "Comparison: strict."
    type: str
  groups:
    description:
      - Additional groups of the process, by name or number (C(docker run --group-add)).
      - "Comparison: allow_more_present."
    type: list
    elements: str
  working_dir:
    description:
      - The directory that the process starts in (C(docker run --workdir)).
      - "Comparison: strict."
    type: str
  tty:
    description:
      - Whether the process has a terminal (C(docker run --tty)). If so, all its output is in RV(stdout).
      - "Comparison: strict."
    type: bool
  interactive:
    description:
      - Whether to keep stdin open (C(docker run --interactive)).
      - "Comparison: strict."
    type: bool
  init:
    description:
      - Whether a small init process forwards signals and reaps processes (C(docker run --init)).
      - "Comparison: strict."
    type: bool
  env:
    description:
      - Environment variables (C(docker run --env)). Values must be strings. Quote numbers and words such as V(yes), and
        end templates that result in numbers with C(| string).
      - Values are not shown in RV(actions). They are shown in RV(ignore:diff) (in diff mode) and RV(container), except
        for secret ones. See O(env_secret) and O(secret_patterns).
      - "Comparison: allow_more_present."
    type: dict
  env_file:
    description:
      - Files on the managed host with one C(NAME=value) on each line (C(docker run --env-file)). A name alone takes its
        value from the module's own environment. Lines that begin with C(#) are comments. Quotes are part of a value.
      - Later files override earlier ones, and O(env) overrides all files.
    type: list
    elements: path
  env_secret:
    description:
      - Environment variables whose values are secret. They are set like those of O(env), and override O(env_file). A
        variable can't be in both O(env) and O(env_secret).
      - The values are masked in everything that the task returns or prints, which includes diff, actions, warnings,
        errors and the output of the container. A value with fewer than 4 characters is only masked as the value of its
        variable. A value with fewer than 12 characters is only masked in other text if it is a whole word.
      - A changed value is detected like that of any other variable, since the engine stores the values. Anyone with
        access to the engine can read them with C(docker inspect).
      - A new container gets a label C(wharf.docker.masked) with the names of these variables, so that later tasks of
        all modules mask their values too. The label is never compared. A container that was created before its
        variables were given here does not have it until it is replaced.
    type: dict
  secret_patterns:
    description:
      - Shell patterns for the names of environment variables and labels whose values are secret, in upper or lower
        case. A pattern that begins with V(!) excludes names again.
      - The values are masked in everything that the task returns, even if they do not come from the task. In other
        text, values of at least 6 characters are masked, and those of 6 to 11 characters only as whole words. A value
        that is part of a name or of an image's name is left there, since the result has to show these.
      - The password in a URL (V(postgres://user:password@host)) is masked whatever the name, and in all other options.
      - Patterns other than the default are stored in the label C(wharf.docker.masked) of a new container. Later tasks
        of all modules apply them in addition to their own.
      - V([]) masks only the values of O(env_secret).
    type: list
    elements: str
    default:
      - "*PASSWORD*"
      - "*PASSWD*"
      - "*PASSPHRASE*"
      - "*_PASS"
      - "*SECRET*"
      - "*TOKEN*"
      - "*CREDENTIAL*"
      - "*APIKEY*"
      - "*API_KEY*"
      - "*_KEY"
      - "!*_FILE"
  labels:
    description:
      - Labels (C(docker run --label)). Numbers and booleans become strings.
      - "Comparison: allow_more_present."
    type: dict
  label_file:
    description:
      - Files on the managed host with one C(NAME=value) on each line (C(docker run --label-file)). A name alone is a
        label without a value. Lines that begin with C(#) are comments.
      - Later files override earlier ones, and O(labels) overrides all files.
    type: list
    elements: path
  annotations:
    description:
      - Annotations for the runtime (C(docker run --annotation)). Requires Engine 24 (API 1.43) or newer.
      - "Comparison: allow_more_present."
    type: dict
  restart_policy:
    description:
      - When the engine restarts the container (C(docker run --restart)). Quote V(no).
      - "Comparison: strict. Changes live."
    type: str
    choices:
      - 'no'
      - 'on-failure'
      - 'always'
      - 'unless-stopped'
  restart_retries:
    description:
      - How often the engine tries to restart the container (C(docker run --restart on-failure:5)). Requires
        O(restart_policy=on-failure).
      - "Comparison: strict. Changes live."
    type: int
  healthcheck:
    description:
      - How the engine checks the health of the container (C(docker run --health-cmd) and related flags).
      - "Comparison: allow_more_present."
    type: dict
    suboptions:
      test:
        description:
          - The command of the check. A string is run by the image's shell. A list begins with V(CMD), followed by the
            words of a command, or with V(CMD-SHELL), followed by a line for the shell, or is V(NONE) alone.
          - Without it the health check is disabled, unless O(healthcheck.test_cli_compatible=true).
        type: raw
      test_cli_compatible:
        description:
          - Whether a health check without O(healthcheck.test) uses the test of the image, as C(docker run) does.
        type: bool
        default: false
      interval:
        description:
          - The time between two checks (C(docker run --health-interval)), such as V(30s) or V(1m30s). The units are
            V(h), V(m), V(s), V(ms), V(us) and V(ns). The engine's default is V(30s), and V(0) means the default.
        type: str
      timeout:
        description:
          - How long one check may take (C(docker run --health-timeout)), in the format of O(healthcheck.interval). The
            engine's default is V(30s).
        type: str
      retries:
        description:
          - After how many consecutive failures the container is unhealthy (C(docker run --health-retries)). The
            engine's default is 3.
        type: int
      start_period:
        description:
          - How long failures do not count after the start (C(docker run --health-start-period)), in the format of
            O(healthcheck.interval). The engine's default is V(0s).
        type: str
      start_interval:
        description:
          - The time between two checks during O(healthcheck.start_period) (C(docker run --health-start-interval)).
            Requires Docker Engine 25.0 or newer.
        type: str
  healthy_wait_timeout:
    description:
      - How many seconds to wait for a container to become healthy, with O(state=healthy), and when a replacement has to
        be healthy before the old container is removed. V(0) and less mean no limit.
    type: float
    default: 300
  stop_signal:
    description:
      - The signal to stop the container with, by name or number (C(docker run --stop-signal)).
      - "Comparison: strict."
    type: str
  stop_timeout:
    description:
      - How many seconds the process has to end before it is killed (C(docker run --stop-timeout)). The engine's default
        is 10.
      - "Comparison: ignore. By default it is only used for new containers."
    type: int
  force_kill:
    description:
      - Whether to send O(kill_signal) to a container that has to be stopped, and wait for its end, instead of stopping
        it.
    type: bool
    default: false
    aliases:
      - forcekill
  kill_signal:
    description:
      - The signal for O(force_kill). If not given, it is V(KILL).
    type: str
  removal_wait_timeout:
    description:
      - How many seconds to wait for a container that the engine is removing because of O(auto_remove). If not given,
        there is no limit.
    type: float
  published_ports:
    description:
      - Ports of the container to publish on the host (C(docker run --publish)), such as V(8080:80),
        V(127.0.0.1:8080:80), V([::1]:5353:53/udp) or V(8000-8010:9000-9010).
      - V(80) alone uses any free port of the host. A range of host ports for one container port, such as
        V(8000-8010:80), uses a free one of the range. Otherwise both ranges must have the same length. Host names are
        not accepted as addresses.
      - "Comparison: allow_more_present."
    type: list
    elements: str
    aliases:
      - ports
  publish_all_ports:
    description:
      - Whether to publish all exposed ports on free ports of the host (C(docker run --publish-all)).
      - "Comparison: strict."
    type: bool
  exposed_ports:
    description:
      - Ports that the container listens on (C(docker run --expose)), such as V(80), V(53/udp) or V(8000-8003).
        Published ports are exposed without being listed here.
      - "Comparison: allow_more_present."
    type: list
    elements: str
    aliases:
      - exposed
      - expose
  default_host_ip:
    description:
      - The address of the host for entries of O(published_ports) without an address. If not given, the engine chooses,
        as with C(docker run).
    type: str
  networks:
    description:
      - The networks of the container. The first one corresponds to C(docker run --network), the others to
        C(docker network connect). The networks must exist.
      - An entry is the name of a network, such as V(front), or a dictionary with O(networks[].name) and the other
        options below.
      - "Comparison: allow_more_present. Missing networks are connected live, and a network whose endpoint differs is
        reconnected; settings of an endpoint that are not given here stay. Networks that are not listed here stay too."
      - With V(strict), networks that are not listed are disconnected live, and aliases must be exactly the given
        ones. V(none), V(host) and the network in O(network_mode) always stay. An empty list means no network at all.
      - If the container was created in another network than the first one, it is replaced, unless O(network_mode) is
        given.
    type: list
    elements: raw
    suboptions:
      name:
        description:
          - The network's name, or at least the first 12 characters of its ID.
        type: str
        required: true
      aliases:
        description:
          - Additional names of the container in this network (C(docker run --network-alias)).
        type: list
        elements: str
      links:
        description:
          - Other containers in this network to make available under another name, as V(container) or
            V(container:alias).
        type: list
        elements: str
      ipv4_address:
        description:
          - A fixed IPv4 address (C(docker run --ip)). An empty string means none.
        type: str
      ipv6_address:
        description:
          - A fixed IPv6 address (C(docker run --ip6)). An empty string means none.
        type: str
      mac_address:
        description:
          - A fixed MAC address. Requires Engine 25 (API 1.44) or newer. See also O(mac_address). An empty string counts
            as not given.
        type: str
      driver_opts:
        description:
          - Options of the network's driver for this endpoint.
        type: dict
      gw_priority:
        description:
          - The network with the highest number provides the default gateway. Requires Engine 28 (API 1.48) or newer.
        type: int
      link_local_ips:
        description:
          - Link-local addresses (C(docker run --link-local-ip)).
        type: list
        elements: str
  network_mode:
    description:
      - The network to create the container in (C(docker run --network)). It is the name of a network, V(bridge) (or
        V(default), which is the same), V(host), V(none), or C(container:NAME) for the network of another container.
      - If not given, it is the first of O(networks).
      - "Comparison: strict."
    type: str
  mac_address:
    description:
      - The MAC address in the container's first network, such as V(02:42:ac:11:00:02) (C(docker run --mac-address)).
      - "Comparison: strict."
    type: str
  links:
    description:
      - Other containers in the default network to make available under another name (C(docker run --link)), as
        V(container) or V(container:alias). For other networks use O(networks[].links).
      - "Comparison: allow_more_present."
    type: list
    elements: str
  hostname:
    description:
      - The host name inside the container (C(docker run --hostname)).
      - "Comparison: strict."
    type: str
  domainname:
    description:
      - The domain name inside the container (C(docker run --domainname)).
      - "Comparison: strict."
    type: str
  dns_servers:
    description:
      - DNS servers (C(docker run --dns)).
      - "Comparison: strict, including the order."
    type: list
    elements: str
  dns_opts:
    description:
      - Options of the resolver, such as V(ndots:2) (C(docker run --dns-option)).
      - "Comparison: allow_more_present."
    type: list
    elements: str
  dns_search_domains:
    description:
      - DNS search domains (C(docker run --dns-search)).
      - "Comparison: strict."
    type: list
    elements: str
  etc_hosts:
    description:
      - Entries for C(/etc/hosts) (C(docker run --add-host)), as a dictionary of host names and addresses.
        V(host-gateway) is the address of the engine's host.
      - "Comparison: allow_more_present."
    type: dict
  volumes:
    description:
      - Volumes, directories and files to mount (C(docker run --volume)), as V(name:/target), V(/source:/target) or
        V(/target) (an anonymous volume). Modes follow at the end, separated by commas, such as V(:ro), V(:ro,z) or
        V(:nocopy). A source that begins with V(~) or V(.) is a path on the managed host.
      - "Comparison: allow_more_present."
    type: list
    elements: str
  mounts:
    description:
      - Mounts in the long form (C(docker run --mount)).
      - "Comparison: allow_more_present. Mounts are identified by their target. Of each mount, the given suboptions are
        compared, even if they are the default, and O(mounts[].labels) and O(mounts[].volume_options) as a whole."
    type: list
    elements: dict
    suboptions:
      target:
        description:
          - The absolute path in the container.
        type: str
        required: true
      source:
        description:
          - The name of a volume (without one, the volume is anonymous), or the absolute path on the engine's host.
            Required for V(bind), and not allowed for V(tmpfs). For V(image) it is the name of the image.
        type: str
      type:
        description:
          - What to mount. V(npipe) is for engines on Windows, V(cluster) is for engines of a swarm, and V(image)
            requires Engine 28 (API 1.48) or newer.
        type: str
        choices:
          - bind
          - cluster
          - image
          - npipe
          - tmpfs
          - volume
        default: volume
      read_only:
        description:
          - Whether the mount is read-only.
        type: bool
      consistency:
        description:
          - How consistent the views of host and container are, for engines on macOS. Other engines accept and ignore
            it.
        type: str
        choices:
          - cached
          - consistent
          - default
          - delegated
      propagation:
        description:
          - How mounts below it are propagated, for the type V(bind).
        type: str
        choices:
          - private
          - rprivate
          - shared
          - rshared
          - slave
          - rslave
      no_copy:
        description:
          - Whether an empty volume stays empty instead of being filled with the image's content at the target, for the
            type V(volume).
        type: bool
      non_recursive:
        description:
          - Whether to leave out mounts below the source, for the type V(bind).
        type: bool
      labels:
        description:
          - Labels for a volume that has to be created, for the type V(volume).
        type: dict
      volume_driver:
        description:
          - The driver of a volume that has to be created, for the type V(volume).
        type: str
      volume_options:
        description:
          - Options for O(mounts[].volume_driver), for the type V(volume).
        type: dict
      tmpfs_size:
        description:
          - The size limit, such as V(64m), for the type V(tmpfs).
        type: str
      tmpfs_mode:
        description:
          - The permissions in octal digits, in quotes, such as V('1777'), for the type V(tmpfs).
        type: str
      tmpfs_options:
        description:
          - Further options of mount(8), for the type V(tmpfs). Each is a name with its value, or with an empty
            value if it has none. Requires Engine 27 (API 1.46) or newer.
        type: list
        elements: dict
      create_mountpoint:
        description:
          - Whether to create the directory on the host if it is missing, for the type V(bind).
        type: bool
      read_only_non_recursive:
        description:
          - Whether mounts below a read-only source stay writable, for the type V(bind). Requires Engine 25 (API 1.44)
            or newer.
        type: bool
      read_only_force_recursive:
        description:
          - Whether to fail if mounts below a read-only source can't be made read-only, for the type V(bind). Requires
            Engine 25 (API 1.44) or newer.
        type: bool
      subpath:
        description:
          - The part of the source to mount, for the types V(volume) (requires Engine 26, API 1.45) and V(image).
        type: str
  tmpfs:
    description:
      - In-memory directories (C(docker run --tmpfs)), as V(/run), or with options as V(/run:size=64m,mode=1777).
      - "Comparison: allow_more_present."
    type: list
    elements: str
  volumes_from:
    description:
      - Containers whose volumes to mount, by name, optionally followed by V(:ro) or V(:rw)
        (C(docker run --volumes-from)).
      - "Comparison: allow_more_present."
    type: list
    elements: str
  volume_driver:
    description:
      - The driver of volumes that the engine creates for the container (C(docker run --volume-driver)).
      - "Comparison: strict."
    type: str
  read_only:
    description:
      - Whether the container's own file system is read-only (C(docker run --read-only)).
      - "Comparison: strict."
    type: bool
  shm_size:
    description:
      - The size of C(/dev/shm) (C(docker run --shm-size)), in the format of O(memory).
      - "Comparison: strict."
    type: str
  storage_opts:
    description:
      - Options of the image store for the container's file system, such as C(size) (C(docker run --storage-opt)).
      - "Comparison: allow_more_present."
    type: dict
  memory:
    description:
      - The memory limit (C(docker run --memory)), as a number of bytes or with a unit of 1024, such as V(512k), V(64m)
        or V(1.5g). V(0) means no limit.
      - If O(memory_swap) is not given, the engine allows as much swap again, and a change of O(memory) keeps it so.
      - "Comparison: strict. Changes live, except to V(0), which needs a new container."
    type: str
  memory_reservation:
    description:
      - The memory that the container is reduced to when the host runs short of it
        (C(docker run --memory-reservation)), in the format of O(memory).
      - "Comparison: strict. Changes live, except to V(0), which needs a new container."
    type: str
  memory_swap:
    description:
      - The limit of memory and swap together (C(docker run --memory-swap)), in the format of O(memory). V(unlimited)
        and V(-1) mean unlimited swap. V(0) together with O(memory) leaves the choice to the engine.
      - "Comparison: strict. Changes live, except to V(0), which needs a new container."
    type: str
  memory_swappiness:
    description:
      - How much the kernel swaps, from V(0) (not at all) to V(100) (C(docker run --memory-swappiness)). V(-1) leaves
        it to the kernel.
      - "Comparison: strict."
    type: int
  kernel_memory:
    description:
      - The limit of the kernel's memory for the container (C(docker run --kernel-memory)), in the format of O(memory).
        Engine 23.0 and newer discard it, and the task fails.
      - "Comparison: strict."
    type: str
  oom_killer:
    description:
      - Whether to keep the kernel from killing the container's processes when memory runs out (C(docker run
        --oom-kill-disable)). V(true) disables the killer. The name is that of
        P(community.docker.docker_container#module).
      - "Comparison: strict."
    type: bool
  oom_score_adj:
    description:
      - How likely the kernel is to kill the container's processes when memory runs out, from V(-1000) to V(1000)
        (C(docker run --oom-score-adj)).
      - "Comparison: strict."
    type: int
  cpus:
    description:
      - How many CPUs the container may use, such as V(1.5) (C(docker run --cpus)). V(0) means no limit.
      - "Comparison: strict. Changes live, except to V(0), which needs a new container."
    type: float
  cpu_shares:
    description:
      - The weight of the container when CPU time is short (C(docker run --cpu-shares)). The engine's default counts as
        1024.
      - "Comparison: strict. Changes live, except to V(0), which needs a new container."
    type: int
  cpu_period:
    description:
      - The period of the CPU scheduler in microseconds (C(docker run --cpu-period)). See also O(cpus).
      - "Comparison: strict. Changes live, except to V(0), which needs a new container."
    type: int
  cpu_quota:
    description:
      - How many microseconds of CPU time the container gets in each period (C(docker run --cpu-quota)).
      - "Comparison: strict. Changes live, except to V(0), which needs a new container."
    type: int
  cpu_rt_period:
    description:
      - The period of the real-time scheduler in microseconds (C(docker run --cpu-rt-period)).
      - "Comparison: strict."
    type: int
  cpu_rt_runtime:
    description:
      - How many microseconds of each real-time period the container may use (C(docker run --cpu-rt-runtime)).
      - "Comparison: strict."
    type: int
  cpuset_cpus:
    description:
      - The CPUs to run on, such as V(0-3) or V(1,3) (C(docker run --cpuset-cpus)). An empty string means all.
      - "Comparison: strict. Changes live, except to an empty string, which needs a new container."
    type: str
  cpuset_mems:
    description:
      - The memory nodes to use, such as V(0-3) or V(1,3) (C(docker run --cpuset-mems)).
      - "Comparison: strict. Changes live, except to an empty string, which needs a new container."
    type: str
  pids_limit:
    description:
      - The maximum number of processes (C(docker run --pids-limit)). V(0) and V(-1) mean no limit.
      - "Comparison: strict. Changes live."
    type: int
  ulimits:
    description:
      - Limits of processes (C(docker run --ulimit)), as V(nofile:1024:2048) (soft and hard limit) or V(nofile:2048)
        (both). V(-1) means no limit.
      - "Comparison: allow_more_present."
    type: list
    elements: str
  blkio_weight:
    description:
      - The block I/O weight of the container, from V(10) to V(1000) (C(docker run --blkio-weight)). V(0) means none.
      - "Comparison: strict. Changes live, except to V(0), which needs a new container. If the kernel has no such
        weights, the task fails."
    type: int
  blkio_weight_device:
    description:
      - The block I/O weight for single devices (C(docker run --blkio-weight-device)).
      - "Comparison: allow_more_present."
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The device's path on the host.
        type: str
        required: true
      weight:
        description:
          - The weight, from V(10) to V(1000).
        type: int
        required: true
  device_read_bps:
    description:
      - Limits of the read rate of devices, in bytes per second (C(docker run --device-read-bps)).
      - "Comparison: allow_more_present."
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The device's path on the host.
        type: str
        required: true
      rate:
        description:
          - Bytes per second, such as V(1mb), in the format of O(memory).
        type: str
        required: true
  device_write_bps:
    description:
      - Limits of the write rate of devices, in bytes per second (C(docker run --device-write-bps)).
      - "Comparison: allow_more_present."
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The device's path on the host.
        type: str
        required: true
      rate:
        description:
          - Bytes per second, such as V(1mb), in the format of O(memory).
        type: str
        required: true
  device_read_iops:
    description:
      - Limits of the read rate of devices, in operations per second (C(docker run --device-read-iops)).
      - "Comparison: allow_more_present."
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The device's path on the host.
        type: str
        required: true
      rate:
        description:
          - Operations per second.
        type: int
        required: true
  device_write_iops:
    description:
      - Limits of the write rate of devices, in operations per second (C(docker run --device-write-iops)).
      - "Comparison: allow_more_present."
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The device's path on the host.
        type: str
        required: true
      rate:
        description:
          - Operations per second.
        type: int
        required: true
  devices:
    description:
      - Devices of the host (C(docker run --device)), as V(/dev/fuse), V(/dev/source:/dev/target) or
        V(/dev/source:/dev/target:rwm). The letters allow reading, writing and C(mknod).
      - "Comparison: allow_more_present."
    type: list
    elements: str
  gpus:
    description:
      - GPUs for the container (C(docker run --gpus)), as V(all), a number, V(device=0), or several of these separated
        by commas, such as V(driver=nvidia,count=2). Put an item that has commas itself in double quotes.
      - Mutually exclusive with O(device_requests).
      - "Comparison: allow_more_present."
    type: str
  device_requests:
    description:
      - Devices that a driver of the engine provides, mostly GPUs. O(gpus) is the short form of the same.
      - "Comparison: allow_more_present."
    type: list
    elements: dict
    suboptions:
      capabilities:
        description:
          - What the devices must be capable of. Each entry is a list of capabilities that a device must all have, and
            one of the entries has to match.
        type: list
        elements: list
      count:
        description:
          - How many devices. V(-1) means all of them.
        type: int
      device_ids:
        description:
          - The IDs of the devices. Mutually exclusive with O(device_requests[].count).
        type: list
        elements: str
      driver:
        description:
          - The driver that provides the devices.
        type: str
      options:
        description:
          - Options of the driver.
        type: dict
  device_cgroup_rules:
    description:
      - Rules for the devices that may be used, such as V(c 42:* rmw) (C(docker run --device-cgroup-rule)).
      - "Comparison: strict."
    type: list
    elements: str
  privileged:
    description:
      - Whether the container has all capabilities and all devices (C(docker run --privileged)).
      - "Comparison: strict."
    type: bool
  capabilities:
    description:
      - Capabilities to add to the default ones, with or without C(CAP_) (C(docker run --cap-add)).
      - "Comparison: allow_more_present."
    type: list
    elements: str
  cap_drop:
    description:
      - Capabilities to remove, with or without C(CAP_) (C(docker run --cap-drop)). V(ALL) removes all.
      - "Comparison: allow_more_present."
    type: list
    elements: str
  security_opts:
    description:
      - Security options (C(docker run --security-opt)), such as V(no-new-privileges). For V(seccomp=FILE), with a file
        on the managed host, the content of the file is sent to the engine.
      - "Comparison: allow_more_present."
    type: list
    elements: str
  sysctls:
    description:
      - Kernel parameters of the container's namespaces (C(docker run --sysctl)).
      - "Comparison: allow_more_present."
    type: dict
  userns_mode:
    description:
      - V(host) disables the engine's user namespace remapping for the container (C(docker run --userns)).
      - "Comparison: strict."
    type: str
  pid_mode:
    description:
      - The PID namespace (C(docker run --pid)). V(host), or V(container:NAME) for that of another container.
      - "Comparison: strict."
    type: str
  ipc_mode:
    description:
      - The IPC namespace, with shared memory and message queues (C(docker run --ipc)). V(private), V(shareable),
        V(host), V(none), or V(container:NAME) for that of another container, which has to be V(shareable).
      - "Comparison: strict."
    type: str
  uts:
    description:
      - The UTS namespace (C(docker run --uts)). V(host) gives the container the host name of its host.
      - "Comparison: strict."
    type: str
  cgroup_parent:
    description:
      - The parent cgroup of the container (C(docker run --cgroup-parent)).
      - "Comparison: strict."
    type: str
  cgroupns_mode:
    description:
      - Whether the container has its own cgroup namespace (V(private)) or that of the host
        (C(docker run --cgroupns)).
      - "Comparison: strict."
    type: str
    choices:
      - private
      - host
  runtime:
    description:
      - The OCI runtime, one of the runtimes in C(docker info) (C(docker run --runtime)).
      - "Comparison: strict."
    type: str
  isolation:
    description:
      - The isolation technology (C(docker run --isolation)). On Linux there is only V(default).
      - "Comparison: strict."
    type: str
  log_driver:
    description:
      - The logging driver (C(docker run --log-driver)).
      - "Comparison: strict."
    type: str
  log_options:
    description:
      - Options of the logging driver (C(docker run --log-opt)).
      - "Comparison: allow_more_present."
    type: dict
    aliases:
      - log_opt
  replace:
    description:
      - How to replace a container that can't be changed in place.
      - V(stop_first) - stop the old container before the new one is started, so that the new one can use the same
        ports and addresses.
      - V(start_first) - stop the old container after the new one is known to work, so that a running container is
        always available. The task fails before anything is changed if both have the same host port, or the same fixed
        address in a network. A container that is not running, and one with O(detach=false), is replaced as with
        V(stop_first).
      - V(no_undo) - as V(stop_first), and also allow replacing a running container that has O(auto_remove). The engine
        removes such a container when it stops, so it can't be restored if the new one fails.
    type: str
    default: stop_first
    choices:
      - stop_first
      - start_first
      - no_undo
  keep_previous:
    description:
      - How many replaced containers to keep, stopped and without a restart policy, as C(NAME.wharf-previous-1) (the
        latest one), C(NAME.wharf-previous-2) and so on. Older ones are removed by the next replacement.
      - With O(state=absent) they are removed too, unless this option is given.
    type: int
    default: 0
  unspecified:
    description:
      - What a replacement does with options that the old container has and the task does not give. An option counts if
        its value comes neither from the old container's image nor from the engine's own defaults.
      - V(drop) - create the new container without them, as docker_container does. They are shown in the diff, in a
        warning, and in RV(dropped), in check mode too.
      - V(keep) - carry them over. In options with several items, such as O(env), O(volumes) or O(published_ports), an
        item of the task replaces the old one for the same name, target or container port; with the comparison
        V(strict) for that option, only the task's items are used. Whatever conflicts with the task's options, such as
        published ports with O(network_mode=host), is dropped and reported.
      - V(fail) - fail before anything is changed.
      - Defaults from the engine's own configuration for C(ulimits), log options and the size of C(/dev/shm) can't be
        distinguished from options of the container, and count as such.
    type: str
    default: drop
    choices:
      - drop
      - keep
      - fail
  renew_anonymous_volumes:
    description:
      - Whether a replacement gets new anonymous volumes (C(docker compose up --renew-anon-volumes)). Otherwise the
        volumes of the old container move to the new one with their data, at the same paths. A comparison ignores them.
    type: bool
    default: false
  dependents:
    description:
      - What to do about other containers that use this one when it is replaced, through C(network_mode), C(pid_mode) or
        C(ipc_mode) with C(container:NAME), or through a link in the default network. They refer to it by its ID, so
        they are cut off when it is removed, and can't be started again. RV(dependents) always lists them.
      - V(report) - warn, and leave them alone.
      - V(fail) - fail before anything is changed, with O(state=absent) too.
      - V(restart) - recreate each one unchanged, for the new container, in the same way as this one is replaced, and in
        turn the containers that use them. What they wrote outside of volumes is lost. If the old container is restored,
        dependents that were running are restarted, since they would otherwise run on without what they use.
      - C(volumes_from) and links in user-defined networks refer to names, and are not cut off.
    type: str
    default: report
    choices:
      - report
      - restart
      - fail
  writable_layer:
    description:
      - What to do about files in the container's own file system that differ from its image, if the container is going
        to be removed, or replaced and not kept. RV(writable_layer) always reports their number.
      - V(ignore) - they are lost.
      - V(fail) - fail and list them before anything is changed.
      - V(commit) - first create the image O(writable_layer_image) from the container.
      - V(export) - first write its file system to O(writable_layer_path), as M(wharf.docker.container_export) does.
      - If a later step fails, the image or the file stays.
      - Mount points, what the engine itself creates, and O(writable_layer_ignore) do not count.
    type: str
    default: ignore
    choices:
      - ignore
      - fail
      - commit
      - export
  writable_layer_image:
    description:
      - The name of the image that O(writable_layer=commit) creates. If another image has this name, it loses it.
    type: str
  writable_layer_path:
    description:
      - The file on the managed host that O(writable_layer=export) writes. An existing file is replaced when the new one
        is complete.
    type: path
  writable_layer_ignore:
    description:
      - Paths in the container to ignore, with everything below them. They are shell patterns, such as V(/tmp) or
        V(/var/cache/*).
    type: list
    elements: str
  comparisons:
    description:
      - How to compare options with an existing container, as a dictionary of option names and V(strict), V(ignore) or
        V(allow_more_present). The default for each option is in its description, after C(Comparison).
      - V(strict) - the two values must be the same. What a container has from its image (environment variables, labels,
        exposed ports, volumes, health check) is expected as well.
      - V(ignore) - never a difference. The option is used for a new container only.
      - V(allow_more_present) - for lists and dictionaries. Items of the task that are missing or have another value are
        a difference. Additional items of the container are not, unless the container overrides an environment variable
        or a label of its image, and the task does not. Then the image's value is expected.
      - Different spellings of one value are not a difference, such as V(no-new-privileges) and
        V(no-new-privileges:true). The engine gets the spelling of the task.
      - An empty string leaves the choice to the engine. If the engine's choice is known, it is compared; otherwise the
        option counts as not given. The latter applies to O(runtime), O(log_driver), O(shm_size) and O(mac_address), and
        to O(memory_swap) unless O(memory) is given as no limit.
      - The key V(*) can be V(strict) or V(ignore). It applies to all options that are not listed themselves, including
        options with another comparison by default.
      - V(image) and V(networks) can be listed too. O(env_file) and O(env_secret) are compared as part of O(env).
    type: dict
  image_comparison:
    description:
      - The image that strict comparisons of O(env), O(labels), O(exposed_ports) and O(volumes) take into account.
      - V(desired-image) - O(image).
      - V(current-image) - the image that the container was created from.
    type: str
    default: desired-image
    choices:
      - desired-image
      - current-image
  image_label_mismatch:
    description:
      - What to do about labels of O(image) that are not in O(labels), if labels are compared with V(strict).
      - V(ignore) - expect them in the container too.
      - V(fail) - fail and list them before anything is changed.
    type: str
    default: ignore
    choices:
      - ignore
      - fail
  image_name_mismatch:
    description:
      - What to do if the container was created from the right image under another name.
      - V(recreate) - replace it.
      - V(ignore) - leave it.
    type: str
    default: recreate
    choices:
      - recreate
      - ignore
  command_handling:
    description:
      - How O(command) and O(entrypoint) are interpreted if they are lists.
      - V(correct) - each entry is one word.
      - V(compatibility) - the entries are joined and split into words again as a shell does it. An empty value counts
        as not given.
    type: str
    default: correct
    choices:
      - compatibility
      - correct
  container_default_behavior:
    description:
      - The values of O(auto_remove), O(init), O(interactive), O(paused), O(privileged), O(read_only), O(tty),
        O(detach) and O(memory) if the task does not give them.
      - V(compatibility) - V(true) for O(detach), V(0) for O(memory), and V(false) for the others.
      - V(no_defaults) - they are not managed.
    type: str
    default: no_defaults
    choices:
      - compatibility
      - no_defaults
  networks_cli_compatible:
    description:
      - Whether the first of O(networks) replaces the default network, as with C(docker run --network). With V(false), a
        new container is in the default network too, unless networks are compared with V(strict).
    type: bool
    default: true
  output_logs:
    description:
      - No effect. The output of the container is always in the result, see RV(stdout).
    type: bool
    default: false
  pull_check_mode_behavior:
    description:
      - No effect. With O(pull=always) the registry is queried in check mode too, so that check mode shows what would be
        done.
    type: str
    default: image_not_present
    choices:
      - image_not_present
      - always
notes:
  - A replacement is created under the temporary name C(NAME.wharf-new), after its image was pulled. The old container
    is renamed to C(NAME.wharf-old), loses its restart policy, and is stopped. The new one is started, and has to prove
    that it works, available as NAME in the networks that resolve names. Then the old one is removed, and the new one
    gets the name. Both can't have the same ports, so the service is down between the end of the old container and
    the start of the new one. See O(replace) for another order.
  - A container that replaces a running one has to stay up for a second. If it has a health check, it has to become
    healthy, unless the old one was unhealthy. With O(state=healthy) it always has to become healthy.
  - If any of this fails, the old container is restored with its name and its restart policy, and is started again if it
    was running. The new one is removed. The task fails and reports this.
  - If the task or the engine is killed midway, the next task that changes this container, or does not find it, first
    completes the recovery. It restores the old container if that still exists, and otherwise the new one gets the name.
    RV(actions) shows what is to be done, in check mode too.
  - A replacement has only the options of the task, unless O(unspecified=keep). What was written to the old container's
    own file system is lost. Anonymous volumes move to the new container (see O(renew_anonymous_volumes)).
  - The new container has labels that begin with C(wharf.docker.), which record what it replaced. They are never
    compared, and a task can't set them.
  - A new container that can't be created and started as described is removed again. If it only does not become healthy,
    it is left for inspection.
  - If the engine accepts a value and then discards it, such as a limit that its kernel can't enforce, the task fails.
  - An empty string counts as not given for options that take a word.
  - If a later step fails, a limit that was changed live is set back, unless it was unlimited before. The engine can't
    remove a limit without a new container, and the message says so.
seealso:
  - module: wharf.docker.container_state
  - module: wharf.docker.container_info
  - module: wharf.docker.container_import
  - module: wharf.docker.network
  - module: wharf.docker.volume
  - name: docker run
    description: The command and its flags.
    link: https://docs.docker.com/reference/cli/docker/container/run/
author:
  - wharf.docker contributors (@wharf-docker)
"""

EXAMPLES = r"""
---
# On the command line:
# ansible localhost -m wharf.docker.container_run -a "name=web image=nginx:1.29 ports=8080:80 env=A=1,B=2 memory=64m"

- name: Run a web server
  wharf.docker.container_run:
    name: web
    image: nginx:1.29
    published_ports:
      - "8080:80"
    restart_policy: unless-stopped

- name: Show what would change, without changing it
  wharf.docker.container_run:
    name: web
    image: nginx:1.29
    published_ports:
      - "8080:80"
    env:
      NGINX_HOST: www.example.com
      WORKERS: "4"
  check_mode: true
  diff: true
  register: forecast

- name: Show each step with its cause
  ansible.builtin.debug:
    var: forecast.actions

- name: Run a database with a volume, and with settings from a file on the managed host
  wharf.docker.container_run:
    name: db
    image: postgres:17
    env_file: /etc/app/db.env
    env:
      POSTGRES_DB: app
    env_secret:
      POSTGRES_PASSWORD: "{{ vault_database_password }}"
    volumes:
      - db-data:/var/lib/postgresql/data
      - /etc/app/init.sql:/docker-entrypoint-initdb.d/init.sql:ro
    shm_size: 256m
    labels:
      com.example.application: app
      com.example.backup: true

- name: Upgrade a container, and keep all its other options
  wharf.docker.container_run:
    name: web
    image: nginx:1.30
    unspecified: keep

- name: Change limits and the restart policy without a restart
  wharf.docker.container_run:
    name: web
    memory: 256m
    memory_reservation: 128m
    memory_swap: 512m
    cpus: 1.5
    cpu_shares: 512
    cpuset_cpus: "0"
    pids_limit: 200
    restart_policy: on-failure
    restart_retries: 5

- name: Wait until the new container is healthy, and restore the old one if it does not become healthy
  wharf.docker.container_run:
    name: api
    image: registry.example.com/team/api:2.4
    state: healthy
    healthy_wait_timeout: 120
    healthcheck:
      test: ["CMD", "curl", "--fail", "http://localhost:8000/health"]
      interval: 5s
      timeout: 2s
      retries: 3
      start_period: 20s
    stop_signal: SIGINT
    stop_timeout: 30

- name: Run a command to its end, and remove the container
  wharf.docker.container_run:
    name: migrate
    image: registry.example.com/team/api:2.4
    command: ["./manage.py", "migrate", "--no-input"]
    detach: false
    cleanup: true
  register: migration

- name: Show the output of the command
  ansible.builtin.debug:
    var: migration.stdout_lines

- name: Connect a container to two networks, with a fixed address in one of them
  wharf.docker.container_run:
    name: proxy
    image: haproxy:3.2
    networks:
      - name: frontend
        ipv4_address: 172.30.0.10
        aliases:
          - www
      - name: backend
    published_ports:
      - "80:80"
      - "127.0.0.1:8404:8404"
    dns_servers:
      - 192.0.2.53
    etc_hosts:
      auth.example.com: 192.0.2.20
      host.docker.internal: host-gateway

- name: Disconnect a container from all other networks
  wharf.docker.container_run:
    name: proxy
    networks:
      - name: frontend
        ipv4_address: 172.30.0.10
    comparisons:
      networks: strict

- name: Use the network of another container
  wharf.docker.container_run:
    name: sniffer
    image: registry.example.com/tools/tcpdump:1
    network_mode: container:proxy
    command: tcpdump -i any -w /out/dump.pcap
    volumes:
      - /srv/dumps:/out

- name: Use mounts, a read-only root file system and in-memory directories
  wharf.docker.container_run:
    name: worker
    image: registry.example.com/team/worker:2.4
    user: "1000:1000"
    working_dir: /srv
    read_only: true
    tmpfs:
      - /tmp:size=64m,mode=1777
    mounts:
      - target: /srv/data
        source: worker-data
      - target: /srv/config
        source: /etc/app/worker
        type: bind
        read_only: true
      - target: /srv/cache
        type: tmpfs
        tmpfs_size: 128m
        tmpfs_mode: "0700"

- name: Allow no other environment variables, and ignore a new image and other labels
  wharf.docker.container_run:
    name: worker
    image: registry.example.com/team/worker:2.4
    env:
      QUEUE: mails
    labels:
      com.example.deployed-by: ansible
    comparisons:
      env: strict
      image: ignore
      labels: ignore

- name: Only make sure that an existing container is running
  wharf.docker.container_run:
    name: worker
    image: registry.example.com/team/worker:2.4
    comparisons:
      "*": ignore

- name: Follow a tag, and replace the container if the registry has another image
  wharf.docker.container_run:
    name: docs
    image: registry.example.com/team/docs:stable
    pull: always

- name: Replace a container even if nothing differs
  wharf.docker.container_run:
    name: docs
    image: registry.example.com/team/docs:stable
    recreate: true

- name: Run a container with reduced privileges
  wharf.docker.container_run:
    name: resolver
    image: registry.example.com/tools/unbound:1
    hostname: resolver
    cap_drop:
      - ALL
    capabilities:
      - NET_BIND_SERVICE
    security_opts:
      - no-new-privileges
    sysctls:
      net.ipv4.ip_unprivileged_port_start: 53
    ulimits:
      - nofile:4096:8192
    exposed_ports:
      - 53/udp
    init: true
    runtime: runc
    log_driver: json-file
    log_options:
      max-size: 10m
      max-file: 3

- name: Give an interactive shell a device of the host
  wharf.docker.container_run:
    name: modem
    image: debian:13
    entrypoint: ["/bin/bash", "-l"]
    tty: true
    interactive: true
    devices:
      - /dev/ttyUSB0:/dev/modem:rw

- name: Create a container without starting it
  wharf.docker.container_run:
    name: standby
    image: nginx:1.29
    state: present
    publish_all_ports: true

- name: Let the engine remove a container when it ends
  wharf.docker.container_run:
    name: report
    image: registry.example.com/team/report:7
    auto_remove: true

- name: Stop a container
  wharf.docker.container_run:
    name: web
    state: stopped

- name: Remove a container
  wharf.docker.container_run:
    name: web
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
    - "pull nginx:1.29: not on the engine"
    - "recreate web: image nginx:1.28 (4e1a7c9f2b60) → nginx:1.29 (not on the engine), env WORKERS"
steps:
  description:
    - The single steps of RV(actions). Each has its C(action), such as V(create) or V(stop), its C(target) and its
      C(causes).
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      target: web.wharf-new
      causes:
        - image nginx:1.27 → nginx:1.29
container:
  description:
    - The container after the task, as shown by C(docker inspect). In check mode, the container before the task.
    - Empty if there is no container.
  returned: success
  type: dict
  sample:
    Id: 8d5f7c7b9a1e4f0c8f1b6f3c8f3f1f7f0a7d1c0f4b1e6a9c2d3e4f5a6b7c8d9e
    Name: /web
    State:
      Status: running
      Running: true
dependents:
  description:
    - Other containers that use the replaced container, see O(dependents). Each has its C(name), C(by) (the options that
      refer to the replaced container), and whether it is C(running).
  returned: when a container is replaced that others use
  type: list
  elements: dict
  sample:
    - name: web-log
      by:
        - network_mode
      running: true
dropped:
  description:
    - The options of the old container that the new one does not have, since the task does not give them, each with its
      old value. See O(unspecified).
  returned: when a replacement drops options, in check mode too
  type: dict
  sample:
    cpus: 0.5
    env:
      WORKERS: "4"
writable_layer:
  description:
    - The changes in the writable layer of the container that is removed or replaced - the number of C(files), and the
      first 20 C(paths).
  returned: when a container with such files is removed or replaced, in check mode too
  type: dict
  sample:
    files: 1
    paths:
      - /var/lib/app/state
pulled:
  description:
    - The image that was pulled, with C(image), C(digest), C(layers) (the number of transferred layers) and C(status)
      (the engine's final message).
  returned: when an image was pulled
  type: dict
  sample:
    image: nginx:1.29
    digest: sha256:1b4d5b4c9d2a8c1f9d2b6c6f5f4f1c0a7e3d2b1a09f8e7d6c5b4a39281706f5e
    layers: 6
    status: "Status: Downloaded newer image for nginx:1.29"
status:
  description:
    - The same as RV(rc), under the name it has in P(community.docker.docker_container#module). The output of the
      container is also in RV(container), as C(Output).
  returned: with O(detach=false), if the container ran
  type: int
  sample: 0
rc:
  description:
    - The exit code of the container. In check mode, in which nothing runs, it is V(0).
  returned: with O(detach=false), if the container ran
  type: int
  sample: 0
stdout:
  description:
    - The standard output of the container. Bytes that are not UTF-8 are replaced.
  returned: with O(detach=false), if the container ran
  type: str
  sample: "Applying app.0001_initial... OK\n"
stderr:
  description:
    - The standard error output of the container.
  returned: with O(detach=false), if the container ran
  type: str
  sample: ""
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_run as _container_run


def main() -> None:
    run_module(_container_run.TASK)


if __name__ == "__main__":
    main()
