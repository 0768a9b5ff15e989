#!/usr/bin/python
# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of container_run; what it does is in module_utils/_tasks/container_run.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_run
short_description: Run one container as described
version_added: 1.0.0
description:
  - Brings one container to what the task describes, as C(docker run) makes it. It is created, changed while it runs,
    replaced, started, stopped or removed, and left alone where it is as described already.
  - With O(detach=false) it runs a command to its end and returns what the command wrote.
  - An option that is not given is not managed. It is not compared, and a new container gets what the engine or the
    image has for it.
  - What differs is changed live where the engine can do that (limits, restart policy, networks). Any other difference
    means a new container in the place of the old one.
  - Options have the names and the meaning they have in P(community.docker.docker_container#module).
extends_documentation_fragment:
  - wharf.docker._engine
  - wharf.docker._attributes
  - wharf.docker._attributes.actiongroup_docker
attributes:
  check_mode:
    support: full
    details:
      - With O(pull=always) the registry is asked for the image's digest, in check mode too. Nothing is pulled.
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
      - The container's name, C(docker run --name). It has at least two characters, which are letters, digits,
        underscores, dots and dashes, with a letter or a digit first.
    type: str
    required: true
  state:
    description:
      - What the container is to be.
      - V(started) is as described and running. A paused container counts as running and stays paused.
      - V(healthy) is as V(started), and its health check has succeeded. The task waits for that as long as
        O(healthy_wait_timeout) says. It fails at once where there is no health check, where the check says
        C(unhealthy), and where the container ends.
      - V(present) is as described, running or not. It starts nothing that was not running. A running container that has
        to be replaced is running afterwards (one that was paused is not paused any more).
      - V(stopped) is there and not running. A running container is stopped with its stop signal and killed where it
        has not ended within its stop timeout. The options of an existing container are not compared in this state, and
        it is never replaced. Where there is none, it is created and not started.
      - V(absent) is not there. A running container is stopped as with V(stopped), and removed. Its anonymous volumes
        stay. What a replacement left or kept beside it goes as well.
    type: str
    default: started
    choices:
      - absent
      - present
      - healthy
      - stopped
      - started
  image:
    description:
      - The image, by name (V(nginx:1.29); without a tag, V(latest) is meant), by name and digest, or by its full id
        of 64 hexadecimal digits.
      - It is needed where the container does not exist yet. A replacement takes the image of the old container where
        the task names none. An empty string is as if not given.
      - It is compared V(strict). The container is replaced where the engine has another image under that name than the
        container was made from, and where the container was made from another name for the same image.
    type: str
  pull:
    description:
      - When to pull O(image), C(docker run --pull).
      - V(missing) and V(false) pull it where the engine does not have it.
      - V(always) and V(true) ask the registry for the image's digest, and pull it where the engine has no image with
        that digest under this name. A container that was made from the older image is replaced.
      - V(newer) is as V(always), but where the registry can't be asked, and the engine has the image, that one is used,
        with a warning.
      - V(never) fails where the engine does not have the image and a container has to be made from it.
      - An image that is given by its id is never pulled.
      - The credentials that C(docker login) stores on the managed host are used, those of credential helpers too. See
        C(DOCKER_CONFIG).
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
      - What the image has to be for, such as V(linux/arm64), C(docker run --platform). An architecture alone is one of
        Linux, and an operating system alone is any of its architectures.
      - Where the engine has O(image) for another platform, it is pulled for this one, and the container is replaced.
        With O(pull=never) that is an error.
    type: str
  detach:
    description:
      - Whether the container goes on running in the background, C(docker run --detach). That is so where nothing is
        given.
      - With V(false) the task starts the container, waits for its end, and returns RV(rc), RV(stdout) and RV(stderr).
        It fails where the exit code is not 0. Where the container runs already, the task waits for its end, and returns
        what its log holds too. There is no time limit.
      - It has a meaning in the states V(started) and V(healthy).
    type: bool
  replace:
    description:
      - How a container is replaced that can't be changed as it is.
      - V(stop_first) stops the old container before the new one is started, so that the new one can have its ports and
        addresses.
      - V(start_first) stops the old one when the new one has proved itself, so that there is always one that answers.
        The task fails before anything is touched where both have the same host port, or the same fixed address in one
        network. A container that is not running, and one with O(detach=false), is replaced as with V(stop_first).
      - V(no_undo) is as V(stop_first), and allows to replace a running container that has O(auto_remove) too. The
        engine removes that one when it stops, so that it can't come back where the new one fails.
    type: str
    default: stop_first
    choices:
      - stop_first
      - start_first
      - no_undo
  keep_previous:
    description:
      - How many replaced containers are kept, stopped and without a restart policy, as C(NAME.wharf-previous-1) (the
        last one), C(NAME.wharf-previous-2) and so on. A replacement removes those that are too many.
      - With O(state=absent) they are removed too, unless this option is given.
    type: int
    default: 0
  unspecified:
    description:
      - What a replacement does with options that the old container has and the task does not give. An option counts if
        its value comes neither from the old container's image nor from the engine's own defaults.
      - V(drop) creates the new container without them, as docker_container does. They are shown in the diff, in a
        warning, and in RV(dropped), in check mode too.
      - V(keep) carries them over. Of options that have several items, such as O(env), O(volumes) or
        O(published_ports), an item of the task takes the place of the old one for the same name, target or container
        port; with the comparison V(strict) for that option, only the task's items count. What can't stand beside the
        task's options, such as published ports beside O(network_mode=host), is dropped and reported.
      - V(fail) fails before anything is touched.
      - Defaults that are set in the engine's own configuration for C(ulimits), log options and the size of C(/dev/shm)
        can't be told from options of the container, and count as such.
    type: str
    default: drop
    choices:
      - drop
      - keep
      - fail
  renew_anonymous_volumes:
    description:
      - Whether a replacement gets new anonymous volumes, C(docker compose up --renew-anon-volumes). Otherwise those of
        the old container move along with their data, to the same places in the new one. A comparison does not see them.
    type: bool
    default: false
  rename_from:
    description:
      - The name that the container had before, C(docker rename). Where there is no container O(name), and one of this
        name, that one is renamed as it runs, and then compared with what the task says.
      - It has no meaning with O(state=absent).
    type: str
  dependents:
    description:
      - What to do about other containers that use this one when it is replaced, by C(network_mode), C(pid_mode) or
        C(ipc_mode) of C(container:NAME), or by a link in the default network. The engine keeps its id for them, so that
        they are cut off when it goes, and can't be started again. RV(dependents) names them in any case.
      - V(report) warns, and lets them be. V(fail) fails before anything is touched, with O(state=absent) too.
      - V(restart) makes each of them again as it is, for the new container, in the same way as this one is replaced,
        and in turn those that use them. What they wrote outside of volumes is lost. Where the old container comes back,
        those that ran are restarted, since without that they would run on without what they used.
      - C(volumes_from), and links in networks of one's own, go by names, and are not cut off.
    type: str
    default: report
    choices:
      - report
      - restart
      - fail
  writable_layer:
    description:
      - What to do about files in the container's own file system that differ from its image, where the container is
        going to be removed, or to be replaced and not kept. RV(writable_layer) says how many there are in any case.
      - V(ignore) lets them go. V(fail) fails and names them, before anything is touched.
      - V(commit) makes the image O(writable_layer_image) of the container first. V(export) writes its file system to
        O(writable_layer_path) first, as M(wharf.docker.container_export) does. Where a later step fails, what was made
        stays.
      - Mount points, what the engine itself makes, and O(writable_layer_ignore) do not count.
    type: str
    default: ignore
    choices:
      - ignore
      - fail
      - commit
      - export
  writable_layer_image:
    description:
      - The name of the image that O(writable_layer=commit) makes. Another image that has the name loses it.
    type: str
  writable_layer_path:
    description:
      - The file on the managed host that O(writable_layer=export) writes. One that is there is replaced when the new
        one is complete.
    type: path
  writable_layer_ignore:
    description:
      - Paths in the container whose files do not count, with all that is below them. They are shell patterns, such as
        V(/tmp) or V(/var/cache/*).
    type: list
    elements: str
  restart:
    description:
      - Whether a running container is restarted that is as described. It has a meaning in the states V(started) and
        V(healthy), and is a change in every run. A container that is replaced or started anyway is not restarted
        beside that.
    type: bool
    default: false
  paused:
    description:
      - Whether the processes of the container are frozen, in the states V(started) and V(healthy). If it is not
        given, a paused container stays so.
    type: bool
  force_kill:
    description:
      - Whether a container that has to be stopped is sent O(kill_signal) instead, and waited for.
    type: bool
    default: false
    aliases:
      - forcekill
  kill_signal:
    description:
      - The signal of O(force_kill). If it is not given, that is V(KILL).
    type: str
  keep_volumes:
    description:
      - Whether the anonymous volumes of a container that is removed stay, with O(state=absent) and where it is
        replaced. Those that moved along to its successor stay with that one, see O(renew_anonymous_volumes).
    type: bool
    default: true
  removal_wait_timeout:
    description:
      - How many seconds to wait for a container that the engine is removing by itself, because of O(auto_remove). If
        it is not given, there is no limit.
    type: float
  image_comparison:
    description:
      - Which image a strict comparison of O(env), O(labels), O(exposed_ports) and O(volumes) takes into account.
      - V(desired-image) is O(image). V(current-image) is the one that the container was made from.
    type: str
    default: desired-image
    choices:
      - desired-image
      - current-image
  image_label_mismatch:
    description:
      - What to do about labels of O(image) that O(labels) does not have, where labels are compared V(strict).
      - V(ignore) expects them in the container too. V(fail) fails, and names them, before anything is touched.
    type: str
    default: ignore
    choices:
      - ignore
      - fail
  image_name_mismatch:
    description:
      - What to do where the container was made from the right image under another name.
      - V(recreate) replaces it. V(ignore) leaves it.
    type: str
    default: recreate
    choices:
      - recreate
      - ignore
  networks_cli_compatible:
    description:
      - Whether the first of O(networks) takes the place of the default network, as with C(docker run --network). With
        V(false) a new container is in the default network too, unless networks are compared V(strict).
    type: bool
    default: true
  default_host_ip:
    description:
      - The address of the host for those of O(published_ports) that name none. If it is not given, that is the
        engine's choice, as with C(docker run).
    type: str
  command_handling:
    description:
      - How O(command) and O(entrypoint) are read where they are lists. V(correct) takes each entry as one word.
        V(compatibility) joins them and splits the words again as a shell does, and takes an empty one for none at
        all.
    type: str
    default: correct
    choices:
      - compatibility
      - correct
  container_default_behavior:
    description:
      - With V(compatibility), O(auto_remove), O(init), O(interactive), O(paused), O(privileged), O(read_only) and
        O(tty) are V(false), O(detach) is V(true) and O(memory) is V(0) where the task does not give them. With
        V(no_defaults) they are not managed then.
    type: str
    default: no_defaults
    choices:
      - compatibility
      - no_defaults
  output_logs:
    description:
      - It has no effect. What the container wrote is in the result in any case, see RV(stdout).
    type: bool
    default: false
  pull_check_mode_behavior:
    description:
      - It has no effect. With O(pull=always) the registry is asked in check mode too, so that it tells what would be
        done.
    type: str
    default: image_not_present
    choices:
      - image_not_present
      - always
  cleanup:
    description:
      - Whether to remove the container after its end, whatever its exit code. It has a meaning with O(detach=false)
        where the task starts the container.
      - C(docker run --rm) does the same, and like there, its anonymous volumes go too. See also O(auto_remove), where
        the engine does it.
    type: bool
    default: false
  recreate:
    description:
      - Whether to replace an existing container even if nothing differs.
    type: bool
    default: false
  comparisons:
    description:
      - How options are compared with an existing container, as a dictionary from an option to V(strict), V(ignore) or
        V(allow_more_present). Each option below says how it is compared where nothing is given here.
      - V(strict) finds a difference where the two values are not the same. What a container has from its image
        (environment variables, labels, exposed ports, volumes, health check) counts as wanted.
      - V(ignore) never finds a difference. The option is used for a new container only.
      - V(allow_more_present) is for lists and dictionaries. It finds a difference where something that the task wants
        is missing or has another value. What the container has beyond that may stay. But where the container overrides
        an environment variable or a label of its image, and the task does not, the image's value is the wanted one.
      - Different spellings of one value are no difference, such as V(no-new-privileges) and V(no-new-privileges:true).
        The engine gets the one that the task has.
      - An empty string leaves the choice to the engine. Where it is known what the engine chooses, that is what is
        compared; otherwise it is as if the option was not given. The latter holds for O(runtime), O(log_driver),
        O(shm_size) and O(mac_address), and for O(memory_swap) unless O(memory) is given as no limit.
      - The key V(*) can be V(strict) or V(ignore), and holds for all options that are not named themselves, those
        that have another comparison by default included.
      - V(image) and V(networks) can be named too. O(env_file) and O(env_secret) are compared as part of O(env).
    type: dict
  healthy_wait_timeout:
    description:
      - How many seconds a container may take to become healthy, with O(state=healthy), and where a replacement has to
        be healthy before the old container is removed. V(0) and less mean no limit.
    type: float
    default: 300
  command:
    description:
      - The command to run, the C(COMMAND) of C(docker run). A string is split into words as a shell does it, without
        running a shell. A list is taken as it is. An empty string or list is the image's.
      - It is compared V(strict), in its order.
    type: raw
  entrypoint:
    description:
      - The program and its first arguments in place of the image's, C(docker run --entrypoint). An empty list is the
        image's, and a list of one empty string is none.
      - It is compared V(strict), in its order.
    type: list
    elements: str
  env:
    description:
      - Environment variables, C(docker run --env). Values must be strings, so that numbers and words such as V(yes)
        stand in quotes, and templates that make numbers end with C(| string).
      - It is compared V(allow_more_present). No action shows a value. RV(ignore:diff) (in diff mode) and RV(container)
        do, without the secret ones. See O(env_secret) and O(secret_patterns).
    type: dict
  env_file:
    description:
      - Files on the managed host with one C(NAME=value) a line, C(docker run --env-file). A name alone takes the value
        it has in the module's own environment. Lines that begin with C(#) are comments. Quotes are part of a value.
      - A variable that several files have has the value of the last one, and one that O(env) has too has the value it
        has there.
    type: list
    elements: path
  label_file:
    description:
      - Files on the managed host with one C(NAME=value) a line, C(docker run --label-file). A name alone is a label
        without a value. Lines that begin with C(#) are comments.
      - A label that several files have has the value of the last one, and one that O(labels) has too has the value it
        has there.
    type: list
    elements: path
  env_secret:
    description:
      - Environment variables whose values are secret. They are set as those of O(env) are, and win over those of
        O(env_file). A variable can't be in both O(env) and this.
      - The values are masked in all that the task tells. These are its result, diff, actions, warnings and errors, with
        what the container wrote. A value of fewer than 4 characters is masked only as the value of its variable. One of
        fewer than 12 is masked in other text where it is a whole word.
      - A changed value is found as that of any other variable, since the engine keeps the values. Anyone with access to
        the engine can read them with C(docker inspect).
      - A new container has a label C(wharf.docker.masked) with the names of these variables, so that later tasks of
        all modules mask their values too. It is never compared. A container created before its variables were given
        here does not have it, until it is replaced.
    type: dict
  secret_patterns:
    description:
      - Shell patterns of the names of environment variables and labels whose values are secret, in upper or lower case.
        Names that match a pattern beginning with V(!) are taken out again.
      - The values are masked in what the task tells, also those that the container has from elsewhere. In other text
        that is so from 6 characters on, for whole words from 6 to 11. A value is left where it is part of a name or an
        image's name, which the result has to show.
      - The password in a URL (V(postgres://user:password@host)) is masked whatever the name, and in all other options.
      - Patterns other than the default are noted in a new container's label C(wharf.docker.masked), and apply in later
        tasks of all modules, in addition to their own.
      - V([]) masks nothing but the values of O(env_secret).
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
      - Labels, C(docker run --label). Numbers and booleans become strings.
      - It is compared V(allow_more_present).
    type: dict
  annotations:
    description:
      - Annotations that the runtime gets, C(docker run --annotation). It needs Engine 24 (API 1.43) or newer.
      - It is compared V(allow_more_present).
    type: dict
  user:
    description:
      - The user, and the group after a colon, that the process runs as, by name or number, C(docker run --user).
      - It is compared V(strict).
    type: str
  working_dir:
    description:
      - The folder the process starts in, C(docker run --workdir).
      - It is compared V(strict).
    type: str
  hostname:
    description:
      - The name the container has for itself, C(docker run --hostname).
      - It is compared V(strict).
    type: str
  domainname:
    description:
      - The domain the container has for itself, C(docker run --domainname).
      - It is compared V(strict).
    type: str
  tty:
    description:
      - Whether the process has a terminal, C(docker run --tty). With one, all output is RV(stdout).
      - It is compared V(strict).
    type: bool
  interactive:
    description:
      - Whether the standard input stays open, C(docker run --interactive).
      - It is compared V(strict).
    type: bool
  stop_signal:
    description:
      - The signal that asks the process to end, by name or number, C(docker run --stop-signal).
      - It is compared V(strict).
    type: str
  stop_timeout:
    description:
      - How many seconds the process has to end before it is killed, C(docker run --stop-timeout). The engine's default
        is 10.
      - It is compared V(ignore), so that by default it is used for new containers only.
    type: int
  healthcheck:
    description:
      - How the engine finds out whether the container is healthy, C(docker run --health-cmd) and its sister flags.
      - It is compared V(allow_more_present).
    type: dict
    suboptions:
      test:
        description:
          - The command of the check. A string is run by the image's shell. A list begins with V(CMD) and has the words
            of a command, or with V(CMD-SHELL) and has a line for the shell, or is V(NONE) alone.
          - Without it the health check is off, unless O(healthcheck.test_cli_compatible=true).
        type: raw
      test_cli_compatible:
        description:
          - Whether a health check without O(healthcheck.test) takes the test of the image, as C(docker run) does.
        type: bool
        default: false
      interval:
        description:
          - The time between two checks, C(docker run --health-interval), such as V(30s) or V(1m30s). The units are
            V(h), V(m), V(s), V(ms), V(us) and V(ns). The engine's default is V(30s), and V(0) stands for the default.
        type: str
      timeout:
        description:
          - How long one check may take, C(docker run --health-timeout), written as O(healthcheck.interval). The
            engine's default is V(30s).
        type: str
      retries:
        description:
          - After how many failures in a row the container is unhealthy, C(docker run --health-retries). The engine's
            default is 3.
        type: int
      start_period:
        description:
          - How long after the start failures do not count, C(docker run --health-start-period), written as
            O(healthcheck.interval). The engine's default is V(0s).
        type: str
      start_interval:
        description:
          - The time between two checks within O(healthcheck.start_period), C(docker run --health-start-interval). It
            needs Docker Engine 25.0 or newer.
        type: str
  exposed_ports:
    description:
      - Ports the container is said to listen on, C(docker run --expose), such as V(80), V(53/udp) or V(8000-8003).
        Published ports are exposed without being named here.
      - It is compared V(allow_more_present).
    type: list
    elements: str
    aliases:
      - exposed
      - expose
  published_ports:
    description:
      - Ports of the host that lead to ports of the container, C(docker run --publish), such as V(8080:80),
        V(127.0.0.1:8080:80), V([::1]:5353:53/udp) or V(8000-8010:9000-9010).
      - V(80) alone takes any free port of the host. A range of host ports with one container port, such as
        V(8000-8010:80), takes a free one of the range. Otherwise both ranges must have the same length. Host names are
        no addresses.
      - It is compared V(allow_more_present).
    type: list
    elements: str
    aliases:
      - ports
  publish_all_ports:
    description:
      - Whether all exposed ports are published on free ports of the host, C(docker run --publish-all).
      - It is compared V(strict).
    type: bool
  volumes:
    description:
      - Folders, files and volumes in the container, C(docker run --volume), as V(name:/target), V(/source:/target) or
        V(/target) (an anonymous volume). Modes come last with commas between them, such as V(:ro), V(:ro,z) or
        V(:nocopy). A source that begins with V(~) or V(.) is a path on the managed host.
      - It is compared V(allow_more_present).
    type: list
    elements: str
  mounts:
    description:
      - Mounts in the long form, C(docker run --mount).
      - It is compared V(allow_more_present). Mounts are told apart by their target. Of each, what is given is compared,
        also where it is the default, and O(mounts[].labels) and O(mounts[].volume_options) as a whole.
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
          - The name of a volume (without one it is an anonymous volume), or the absolute path on the engine's host.
            It is needed for V(bind), and must be left out for V(tmpfs). For V(image) it is the name of the image.
        type: str
      type:
        description:
          - What is mounted. V(npipe) is for engines on Windows, V(cluster) for those of a swarm, and V(image) for
            Engine 28 (API 1.48) and newer.
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
          - Whether the container can only read it.
        type: bool
      consistency:
        description:
          - How strictly host and container see the same, for engines on macOS. Others take it and do nothing with it.
        type: str
        choices:
          - cached
          - consistent
          - default
          - delegated
      propagation:
        description:
          - Whether mounts below it are passed on, for the type V(bind).
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
          - Whether an empty volume stays empty instead of being filled with what the image has at the target, for the
            type V(volume).
        type: bool
      non_recursive:
        description:
          - Whether mounts below the source are left out, for the type V(bind).
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
          - Further options of mount(8), each a name with its value, or with an empty one where it has none, for the
            type V(tmpfs). It needs Engine 27 (API 1.46) or newer.
        type: list
        elements: dict
      create_mountpoint:
        description:
          - Whether the folder on the host is made where it is missing, for the type V(bind).
        type: bool
      read_only_non_recursive:
        description:
          - Whether mounts below a read-only source stay writable, for the type V(bind). It needs Engine 25 (API 1.44)
            or newer.
        type: bool
      read_only_force_recursive:
        description:
          - Whether it is an error where mounts below a read-only source can't be made read-only, for the type V(bind).
            It needs Engine 25 (API 1.44) or newer.
        type: bool
      subpath:
        description:
          - The part of the source that is mounted, for the types V(volume) (it needs Engine 26, API 1.45) and V(image).
        type: str
  tmpfs:
    description:
      - Folders in memory, C(docker run --tmpfs), as V(/run) or with options as V(/run:size=64m,mode=1777).
      - It is compared V(allow_more_present).
    type: list
    elements: str
  devices:
    description:
      - Devices of the host, C(docker run --device), as V(/dev/fuse), V(/dev/source:/dev/target) or
        V(/dev/source:/dev/target:rwm), where the letters allow reading, writing and C(mknod).
      - It is compared V(allow_more_present).
    type: list
    elements: str
  network_mode:
    description:
      - The network the container is made for, C(docker run --network). It is the name of a network, V(bridge) (which is
        also V(default)), V(host), V(none), or C(container:NAME) for the network of another container.
      - Where it is not given, it is the first of O(networks).
      - It is compared V(strict).
    type: str
  networks:
    description:
      - The networks the container is in, the first of which stands for C(docker run --network), and the others for
        C(docker network connect). The networks must exist.
      - An entry is the name of a network, such as V(front), or a dictionary with O(networks[].name) and the other
        options below.
      - It is compared V(allow_more_present). Missing networks are connected live, and those whose endpoint differs are
        connected anew; what an endpoint has and is not given here stays. Networks that are not named here stay. With
        V(strict) these are disconnected live, and aliases must be exactly those given. V(none), V(host) and the network
        that O(network_mode) names stay in any case. With V(strict), an empty list is no network at all.
      - Where the first network is not the one the container was made for, the container is replaced, unless
        O(network_mode) is given.
    type: list
    elements: raw
    suboptions:
      name:
        description:
          - The network's name, or its id, of which the first 12 characters are enough.
        type: str
        required: true
      aliases:
        description:
          - Further names of the container in this network, C(docker run --network-alias).
        type: list
        elements: str
      links:
        description:
          - Other containers in this network under names of one's own, as V(container) or V(container:alias).
        type: list
        elements: str
      ipv4_address:
        description:
          - A fixed address, C(docker run --ip). An empty string means none.
        type: str
      ipv6_address:
        description:
          - A fixed address, C(docker run --ip6). An empty string means none.
        type: str
      mac_address:
        description:
          - A fixed MAC address. It needs Engine 25 (API 1.44) or newer. See also O(mac_address). An empty string is as
            if not given.
        type: str
      driver_opts:
        description:
          - Options of the network's driver for this endpoint.
        type: dict
      gw_priority:
        description:
          - Of several networks, the one with the highest number gives the container its default gateway. It needs
            Engine 28 (API 1.48) or newer.
        type: int
      link_local_ips:
        description:
          - Link-local addresses, C(docker run --link-local-ip).
        type: list
        elements: str
  mac_address:
    description:
      - The MAC address in the container's first network, such as V(02:42:ac:11:00:02), C(docker run --mac-address).
      - It is compared V(strict).
    type: str
  links:
    description:
      - Other containers on the default network under names of one's own, C(docker run --link), as V(container) or
        V(container:alias). On other networks use O(networks[].links).
      - It is compared V(allow_more_present).
    type: list
    elements: str
  dns_servers:
    description:
      - Name servers, C(docker run --dns).
      - It is compared V(strict), in its order.
    type: list
    elements: str
  dns_opts:
    description:
      - Options of the resolver, such as V(ndots:2), C(docker run --dns-option).
      - It is compared V(allow_more_present).
    type: list
    elements: str
  dns_search_domains:
    description:
      - The domains in which short names are looked up, C(docker run --dns-search).
      - It is compared V(strict).
    type: list
    elements: str
  etc_hosts:
    description:
      - Entries of C(/etc/hosts), C(docker run --add-host), as a dictionary from a host's name to its address.
        V(host-gateway) is the address of the engine's host.
      - It is compared V(allow_more_present).
    type: dict
  volumes_from:
    description:
      - Containers whose volumes this one gets too, each by its name, with V(:ro) or V(:rw) behind it where that
        matters, C(docker run --volumes-from).
      - It is compared V(allow_more_present).
    type: list
    elements: str
  volume_driver:
    description:
      - The driver of the volumes that the engine makes for the container, C(docker run --volume-driver).
      - It is compared V(strict).
    type: str
  storage_opts:
    description:
      - Options of the image store for the container's file system, such as C(size), C(docker run --storage-opt).
      - It is compared V(allow_more_present).
    type: dict
  device_cgroup_rules:
    description:
      - Rules about which devices may be used, such as V(c 42:* rmw), C(docker run --device-cgroup-rule).
      - It is compared V(strict).
    type: list
    elements: str
  device_requests:
    description:
      - Devices that a driver of the engine finds, which are mostly GPUs. See O(gpus) for the short way, which stands
        for the same.
      - It is compared V(allow_more_present).
    type: list
    elements: dict
    suboptions:
      capabilities:
        description:
          - What the devices must be able to do. Each entry is a list of words that all have to be true, and one of the
            entries has to be.
        type: list
        elements: list
      count:
        description:
          - How many devices. V(-1) is all of them.
        type: int
      device_ids:
        description:
          - The devices by their ids. It can't be given with O(device_requests[].count).
        type: list
        elements: str
      driver:
        description:
          - The driver that finds the devices.
        type: str
      options:
        description:
          - Options of the driver.
        type: dict
  gpus:
    description:
      - The GPUs that the container gets, C(docker run --gpus). V(all), a number, V(device=0), or several of these words
        with commas, such as V(driver=nvidia,count=2). A word with commas of its own stands in double quotes.
      - It can't be given with O(device_requests).
      - It is compared V(allow_more_present).
    type: str
  restart_policy:
    description:
      - When the engine starts the container again, C(docker run --restart). V(no) stands in quotes.
      - It is compared V(strict), and changes live.
    type: str
    choices:
      - 'no'
      - 'on-failure'
      - 'always'
      - 'unless-stopped'
  restart_retries:
    description:
      - How often the engine tries, C(docker run --restart on-failure:5). It needs O(restart_policy=on-failure).
      - It is compared V(strict), and changes live.
    type: int
  memory:
    description:
      - The memory limit, C(docker run --memory), as a number of bytes or with a unit of 1024, such as V(512k), V(64m)
        or V(1.5g). V(0) is no limit.
      - Where O(memory_swap) is not given, the engine allows as much swap again. A change of O(memory) keeps it so.
      - It is compared V(strict). It changes live, but for V(0), which needs a new container.
    type: str
  memory_reservation:
    description:
      - The memory the container is pushed back to when the host is short of it, C(docker run --memory-reservation),
        written as O(memory).
      - It is compared V(strict). It changes live, but for V(0), which needs a new container.
    type: str
  memory_swap:
    description:
      - The limit of memory and swap together, C(docker run --memory-swap), written as O(memory). V(unlimited) and V(-1)
        are no limit of swap. V(0) beside O(memory) leaves the choice to the engine.
      - It is compared V(strict). It changes live, but for V(0), which needs a new container.
    type: str
  cpus:
    description:
      - How many CPUs the container may use, such as V(1.5), C(docker run --cpus). V(0) is no limit.
      - It is compared V(strict). It changes live, but for V(0), which needs a new container.
    type: float
  cpu_shares:
    description:
      - The container's weight where CPU time is short, C(docker run --cpu-shares). The engine's default counts as 1024.
      - It is compared V(strict). It changes live, but for V(0), which needs a new container.
    type: int
  cpuset_cpus:
    description:
      - The CPUs to run on, such as V(0-3) or V(1,3), C(docker run --cpuset-cpus). An empty string is all.
      - It is compared V(strict). It changes live, but for an empty string, which needs a new container.
    type: str
  kernel_memory:
    description:
      - The limit of the kernel's memory for the container, C(docker run --kernel-memory), as in O(memory). Engines from
        23.0 on have none any more, and discard it. The task fails there.
      - It is compared V(strict).
    type: str
  memory_swappiness:
    description:
      - How much the kernel swaps, from V(0) (not at all) to V(100), C(docker run --memory-swappiness). V(-1) leaves it
        to the kernel.
      - It is compared V(strict).
    type: int
  oom_killer:
    description:
      - V(true) keeps the kernel from killing the container's processes when memory runs out, C(docker run
        --oom-kill-disable). (The name is the one that P(community.docker.docker_container#module) gave it.)
      - It is compared V(strict).
    type: bool
  oom_score_adj:
    description:
      - How ready the kernel is to kill the container's processes, from V(-1000) to V(1000), C(docker run
        --oom-score-adj).
      - It is compared V(strict).
    type: int
  cpu_period:
    description:
      - The period of the CPU scheduler in microseconds, C(docker run --cpu-period). See also O(cpus).
      - It is compared V(strict). It changes live, but for V(0), which needs a new container.
    type: int
  cpu_quota:
    description:
      - How many microseconds of CPU time the container has in each period, C(docker run --cpu-quota).
      - It is compared V(strict). It changes live, but for V(0), which needs a new container.
    type: int
  cpu_rt_period:
    description:
      - The period of the scheduler for real time in microseconds, C(docker run --cpu-rt-period).
      - It is compared V(strict).
    type: int
  cpu_rt_runtime:
    description:
      - How many microseconds of it may run in real time, C(docker run --cpu-rt-runtime).
      - It is compared V(strict).
    type: int
  cpuset_mems:
    description:
      - The memory nodes to use, such as V(0-3) or V(1,3), C(docker run --cpuset-mems).
      - It is compared V(strict). It changes live, but for an empty string, which needs a new container.
    type: str
  blkio_weight:
    description:
      - The container's weight at block devices, from V(10) to V(1000), C(docker run --blkio-weight). V(0) is none.
      - It is compared V(strict). It changes live, but for V(0), which needs a new container. Where the kernel has no
        such weights the task fails.
    type: int
  blkio_weight_device:
    description:
      - The container's weight at single block devices, C(docker run --blkio-weight-device).
      - It is compared V(allow_more_present).
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
      - How many bytes a second may be read from devices, C(docker run --device-read-bps).
      - It is compared V(allow_more_present).
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
          - Bytes a second, such as V(1mb), as in O(memory).
        type: str
        required: true
  device_write_bps:
    description:
      - How many bytes a second may be written to devices, C(docker run --device-write-bps).
      - It is compared V(allow_more_present).
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
          - Bytes a second, such as V(1mb), as in O(memory).
        type: str
        required: true
  device_read_iops:
    description:
      - How often in a second may be read from devices, C(docker run --device-read-iops).
      - It is compared V(allow_more_present).
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
          - Operations a second.
        type: int
        required: true
  device_write_iops:
    description:
      - How often in a second may be written to devices, C(docker run --device-write-iops).
      - It is compared V(allow_more_present).
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
          - Operations a second.
        type: int
        required: true
  pids_limit:
    description:
      - How many processes there may be, C(docker run --pids-limit). V(0) and V(-1) are no limit.
      - It is compared V(strict), and changes live.
    type: int
  ulimits:
    description:
      - Limits of processes, C(docker run --ulimit), as V(nofile:1024:2048) (soft and hard) or V(nofile:2048) (both).
        V(-1) is no limit.
      - It is compared V(allow_more_present).
    type: list
    elements: str
  sysctls:
    description:
      - Kernel settings of the container's namespaces, C(docker run --sysctl).
      - It is compared V(allow_more_present).
    type: dict
  capabilities:
    description:
      - Capabilities in addition to the default ones, with or without C(CAP_), C(docker run --cap-add).
      - It is compared V(allow_more_present).
    type: list
    elements: str
  cap_drop:
    description:
      - Capabilities to take away, with or without C(CAP_), C(docker run --cap-drop). V(ALL) takes all.
      - It is compared V(allow_more_present).
    type: list
    elements: str
  groups:
    description:
      - Further groups of the container's process, by name or number, C(docker run --group-add).
      - It is compared V(allow_more_present).
    type: list
    elements: str
  cgroup_parent:
    description:
      - The control group below which that of the container is, C(docker run --cgroup-parent).
      - It is compared V(strict).
    type: str
  cgroupns_mode:
    description:
      - Whether the container has a namespace of its own for control groups, C(docker run --cgroupns).
      - It is compared V(strict).
    type: str
    choices:
      - private
      - host
  ipc_mode:
    description:
      - Whose shared memory and message queues the container uses, C(docker run --ipc). V(private), V(shareable),
        V(host), V(none), or V(container:NAME) for those of another container, which has to be V(shareable).
      - It is compared V(strict).
    type: str
  pid_mode:
    description:
      - Whose processes the container sees, C(docker run --pid). V(host), or V(container:NAME) for those of another
        container.
      - It is compared V(strict).
    type: str
  userns_mode:
    description:
      - V(host) takes the container out of the engine's remapping of users, C(docker run --userns).
      - It is compared V(strict).
    type: str
  uts:
    description:
      - V(host) gives the container the host name of its host, C(docker run --uts).
      - It is compared V(strict).
    type: str
  isolation:
    description:
      - How the container is isolated, C(docker run --isolation). On Linux only V(default) is known.
      - It is compared V(strict).
    type: str
  privileged:
    description:
      - Whether the container has all capabilities and all devices, C(docker run --privileged).
      - It is compared V(strict).
    type: bool
  read_only:
    description:
      - Whether the container's own file system can only be read, C(docker run --read-only).
      - It is compared V(strict).
    type: bool
  security_opts:
    description:
      - Security options, C(docker run --security-opt), such as V(no-new-privileges). Of V(seccomp=FILE), a file on the
        managed host, the engine gets the content.
      - It is compared V(allow_more_present).
    type: list
    elements: str
  runtime:
    description:
      - The OCI runtime, one of those that C(docker info) lists, C(docker run --runtime).
      - It is compared V(strict).
    type: str
  init:
    description:
      - Whether a small init process passes signals on and reaps processes, C(docker run --init).
      - It is compared V(strict).
    type: bool
  log_driver:
    description:
      - Where the output goes, C(docker run --log-driver).
      - It is compared V(strict).
    type: str
  log_options:
    description:
      - Options of the log driver, C(docker run --log-opt).
      - It is compared V(allow_more_present).
    type: dict
    aliases:
      - log_opt
  shm_size:
    description:
      - The size of C(/dev/shm), C(docker run --shm-size), written as O(memory).
      - It is compared V(strict).
    type: str
  auto_remove:
    description:
      - Whether the engine removes the container, and its anonymous volumes, when it ends, C(docker run --rm). It can't
        be combined with a O(restart_policy) other than V(no).
      - It is compared V(strict).
    type: bool
notes:
  - A replacement is created under the temporary name C(NAME.wharf-new), after its image was pulled. The old container
    is renamed to C(NAME.wharf-old), loses its restart policy, and is stopped. The new one is started and has to prove
    itself, reachable as NAME in the networks that resolve names. Then the old one is removed, and the new one gets the
    name. Between the end of the old one and the start of the new one the service is away, since both can't hold the
    same ports. See O(replace) for another order.
  - A container that takes the place of a running one has to stay up for a second. Where it has a health check it has to
    become healthy, unless the old one was unhealthy. With O(state=healthy) it always has to become healthy.
  - Where any of this fails, the old container gets back its name and its restart policy, and is started again where it
    was running. The new one is removed. The task fails and says so.
  - Where the task itself dies on the way, or the engine does, the next task that changes this container, or does not
    find it, brings the replacement to an end before anything else. The old container comes back where it is still
    there, and otherwise the new one takes the name. What is to be done is in RV(actions), in check mode too.
  - A replacement has the options of the task and no others, unless O(unspecified=keep). What was written into the old
    container's own file system is gone. Anonymous volumes move along to the new one, see O(renew_anonymous_volumes).
  - The new container has labels whose names begin with C(wharf.docker.), which say what it replaced. They are never
    compared, and no task can set them.
  - A new container that can't be created and started as described is removed again. One that only does not become
    healthy is left to be looked at.
  - Where the engine accepts a value and then discards it, as it does with limits that its kernel can't enforce, the
    task fails.
  - An option that takes a word and is given an empty one is as if it were not given.
  - A limit that was changed live is given back when a later step fails, but for one that was unlimited before - the
    engine can't take that back without a new container, and the message says so.
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
# The same as an ad-hoc command:
# ansible localhost -m wharf.docker.container_run -a "name=web image=nginx:1.29 ports=8080:80 env=A=1,B=2 memory=64m"

- name: Run a web server
  wharf.docker.container_run:
    name: web
    image: nginx:1.29
    published_ports:
      - "8080:80"
    restart_policy: unless-stopped

- name: Say what would change, and change nothing
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

- name: Give it other limits while it runs
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

- name: Upgrade it, and carry over all its other options
  wharf.docker.container_run:
    name: web
    image: nginx:1.30
    unspecified: keep

- name: Go on when the new container is healthy, and keep the old one when it is not
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

- name: Run a command to its end
  wharf.docker.container_run:
    name: migrate
    image: registry.example.com/team/api:2.4
    command: ["./manage.py", "migrate", "--no-input"]
    detach: false
    cleanup: true
  register: migration

- name: Show what the command wrote
  ansible.builtin.debug:
    var: migration.stdout_lines

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

- name: Use mounts, a read-only root and folders in memory
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

- name: Be in two networks, in one of them with a fixed address
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

- name: Leave all networks but this one
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

- name: Let variables be exactly these, and don't replace it for a new image or other labels
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

- name: Manage nothing of an existing container but whether it runs
  wharf.docker.container_run:
    name: worker
    image: registry.example.com/team/worker:2.4
    comparisons:
      "*": ignore

- name: Follow a tag, and replace the container when the registry has another image
  wharf.docker.container_run:
    name: docs
    image: registry.example.com/team/docs:stable
    pull: always

- name: Replace it in any case
  wharf.docker.container_run:
    name: docs
    image: registry.example.com/team/docs:stable
    recreate: true

- name: Run with fewer rights than usual
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

- name: Reach a device of the host, as a shell that stays open
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

- name: Stop a container, and let the host have its ports
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
    - What was done, or in check mode would be done, in this order. Each entry is a step with its cause.
    - It is empty exactly where nothing changes.
  returned: success
  type: list
  elements: str
  sample:
    - "pull nginx:1.29: not on the engine"
    - "recreate web: image nginx:1.28 (4e1a7c9f2b60) → nginx:1.29 (not on the engine), env WORKERS"
steps:
  description:
    - The single steps of RV(actions), in their order.
    - Each has its C(action), such as V(create) or V(stop), its C(target), and its C(causes).
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
    - The container as C(docker inspect) shows it after the task. In check mode it is the container as it is.
    - It is empty where there is none.
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
    - The other containers that use the one that is replaced, see O(dependents). Each has a C(name), says C(by) which of
      its options it does, and whether it is C(running).
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
    - The options that the old container has and the new one has not, since the task does not give them, each with the
      old container's value. See O(unspecified).
  returned: when a replacement drops options, in check mode too
  type: dict
  sample:
    cpus: 0.5
    env:
      WORKERS: "4"
writable_layer:
  description:
    - What the container that goes, or went, has in its writable layer. These are C(files) (how many) and C(paths) (the
      first 20).
  returned: where a container with such files is removed or replaced, in check mode too
  type: dict
  sample:
    files: 1
    paths:
      - /var/lib/app/state
pulled:
  description:
    - What was pulled. These are C(image), C(digest), C(layers) (how many were transferred) and C(status) (what the
      engine said at the end).
  returned: where an image was pulled
  type: dict
  sample:
    image: nginx:1.29
    digest: sha256:1b4d5b4c9d2a8c1f9d2b6c6f5f4f1c0a7e3d2b1a09f8e7d6c5b4a39281706f5e
    layers: 6
    status: "Status: Downloaded newer image for nginx:1.29"
status:
  description:
    - The same as RV(rc), in the words of P(community.docker.docker_container#module). What the container wrote is in
      RV(container) too, as C(Output).
  returned: with O(detach=false), where the container ran
  type: int
  sample: 0
rc:
  description:
    - The exit code of the container. It is V(0) in check mode, in which nothing runs and nothing is written.
  returned: with O(detach=false), where the container ran
  type: int
  sample: 0
stdout:
  description:
    - What the container wrote to its standard output. Bytes that are no UTF-8 are replaced.
  returned: with O(detach=false), where the container ran
  type: str
  sample: "Applying app.0001_initial... OK\n"
stderr:
  description:
    - What the container wrote to its standard error output.
  returned: with O(detach=false), where the container ran
  type: str
  sample: ""
"""

from ansible_collections.wharf.docker.plugins.module_utils._flow.module import run_module
from ansible_collections.wharf.docker.plugins.module_utils._tasks import container_run as _container_run


def main() -> None:
    run_module(_container_run.TASK)


if __name__ == "__main__":
    main()
