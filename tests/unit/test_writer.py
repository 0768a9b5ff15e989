# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of writers: processes and threads that are alive, have ended, or are not visible from here."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._archive import helper_containers, unchecked_images
from ansible_collections.wharf.docker.plugins.module_utils._flow import writer

FILE = writer.__file__
# Loaded by its path: the file needs nothing else of the collection.
LOADED = (
    "import importlib.util, sys\n"
    "spec = importlib.util.spec_from_file_location('writer', sys.argv[1])\n"
    "writer = importlib.util.module_from_spec(spec)\n"
    "spec.loader.exec_module(writer)\n"
)
WRITES = LOADED + "print(writer.this_writer(), flush=True)\nsys.stdin.read()\n"
LOOKS = LOADED + "print(writer.is_at_work(sys.argv[2]))\n"
# In a new mount namespace, as on a system without /proc.
WITHOUT_PROC = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$0" "$@"']


@contextmanager
def process(prefix: list[str]) -> Iterator[str]:
    """The name of a writer in a new process, which lives as long as the ``with`` block."""
    with subprocess.Popen(
        [*prefix, sys.executable, "-c", WRITES, FILE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        yield child.stdout.readline().strip()


def seen_by(prefix: list[str], name: str) -> str:
    command = [*prefix, sys.executable, "-c", LOOKS, FILE, name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("of", ["here", "without /proc"])
@pytest.mark.parametrize("by", ["here", "without /proc"])
def test_another_process(of: str, by: str) -> None:
    """If it can't be determined, the result is None, and never wrong."""
    prefixes: dict[str, list[str]] = {"here": [], "without /proc": WITHOUT_PROC}
    with process(prefixes[of]) as name:
        assert re.fullmatch(writer.NAME, name)
        assert seen_by(prefixes[by], name) == ("True" if of == by == "here" else "None")
    assert seen_by(prefixes[by], name) == ("False" if of == by else "None")


def test_a_number_that_another_process_has_by_now() -> None:
    with process([]) as name:
        place, number, started, thread = name.split("-")
        assert writer.is_at_work("-".join((place, number, str(int(started) - 1), thread))) is False


@pytest.mark.parametrize("name", ["", "web", "1-2-3", "0123456789ab-x-y-z", "0123456789ab-1-1-1"])
def test_a_name_of_somewhere_else(name: str) -> None:
    assert writer.is_at_work(name) is None


def test_threads() -> None:
    assert writer.is_at_work(writer.this_writer()) is False
    names: list[str] = []
    named, done = threading.Event(), threading.Event()

    def work() -> None:
        names.append(writer.this_writer())
        named.set()
        done.wait()

    thread = threading.Thread(target=work)
    thread.start()
    named.wait()
    assert writer.is_at_work(names[0]) is True
    done.set()
    thread.join()
    assert writer.is_at_work(names[0]) is False


# A name, and the file that knows of it.
CREATED: list[Any] = [
    ("wharf-volume-%s-0123456789abcdef", helper_containers),
    ("localhost/wharf-volume-%s-0123456789abcdef:helper", helper_containers),
    ("localhost/wharf-import-%s-0123456789abcdef:unchecked", unchecked_images),
]


@pytest.mark.parametrize(("form", "of"), CREATED)
def test_what_a_task_creates_for_itself(form: str, of: Any) -> None:
    with process([]) as name:
        assert of.may_be_needed(form % name)
    assert not of.may_be_needed(form % name)
    assert of.may_be_needed(form % "0123456789ab-1-1-1"), "its task may be at work on another host"


@pytest.mark.parametrize("name", ["", "wharf-volume", "my-wharf-volume-0123456789abcdef", "wharf-import-tool:latest"])
@pytest.mark.parametrize("of", [helper_containers, unchecked_images])
def test_what_others_create(of: Any, name: str) -> None:
    assert not of.may_be_needed(name)
