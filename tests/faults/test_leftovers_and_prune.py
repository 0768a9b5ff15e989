# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""prune leaves the leftovers and kept containers of a replacement, unless their removal is requested."""

from __future__ import annotations

from typing import Any

from leftovers import standing


def test_a_prune_leaves_them(interrupted: str, run: Any, client: Any, name: str) -> None:
    before = standing(client, name)
    assert run("prune", expect="ok", containers=True)["removed"] == []
    assert standing(client, name) == before


def test_a_prune_leaves_an_old_one_that_is_alone(interrupted: str, run: Any, client: Any, name: str) -> None:
    client.remove_container(name + ".wharf-new", force=True)
    assert run("prune", expect="ok", containers=True)["removed"] == []
    assert standing(client, name) == {".wharf-old": "exited"}


def test_a_prune_leaves_those_that_are_kept(spec: dict[str, Any], run: Any, client: Any, name: str) -> None:
    for number in "123":
        run("container_run", **spec, keep_previous=2, env={"N": number})
    assert run("prune", expect="ok", containers=True)["removed"] == []
    assert set(standing(client, name)) == {"", ".wharf-previous-1", ".wharf-previous-2"}
