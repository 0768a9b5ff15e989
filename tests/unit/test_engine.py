# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The advice for an engine's message, for two messages that are very similar."""

from __future__ import annotations

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._engine.messages import advice


@pytest.mark.parametrize(
    ("words", "what_to_do"),
    [
        (
            'ps: exec: "ps": executable file not found in $PATH',
            " Install ps on the engine's host (package procps), or leave the option processes out.",
        ),
        (
            'OCI runtime exec failed: exec failed: unable to start container process: exec: "ps": executable file not '
            "found in $PATH: unknown",
            " Check the command and its path in the image.",
        ),
        ("ps: error: unknown user-defined format specifier", ""),
    ],
)
def test_a_program_that_is_missing(words: str, what_to_do: str) -> None:
    assert advice(words, 500) == what_to_do


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("unable to find group none: no matching entries in group file", "groups, or user where"),
        ("uids and gids must be in range 0-2147483647", "user or groups"),
        ("invalid mode: rw,rw", "volumes"),
        ('create v: error looking up volume plugin nope: plugin "nope" not found', "volume_driver"),
        ('create v: invalid option: "bogus"', "mounts (volume_options)"),
        ("error while mounting volume '/d/_data': failed to mount local volume: no such device", "mounts (volume_opt"),
        ("path /tmp is mounted on /tmp but it is not a shared or slave mount", "volumes or mounts"),
        ("Cannot mkdir: /etc/passwd is not a directory", "working_dir"),
        ('runc create failed: unable to start container process: exec: "/etc": permission denied: unknown', "command"),
        ('error during container init: exec: "/etc": is a directory: permission denied', "command or entrypoint"),
        ("invalid endpoint settings:\nunrecognised network interface sysctl 'bogus'", "networks"),
        ("stat /dev/nope: no such file or directory", "devices, or the device of a limit"),
        ("failed to bind host port for 10.9.9.9:17090:172.17.0.6:80/tcp: cannot assign requested address", "published"),
    ],
)
def test_the_option_that_an_engine_refuses(words: str, option: str) -> None:
    for status in (400, 404, 500):
        said = advice(words, status, "start the container web")
        assert said.startswith(" Correct the option " + option), said
