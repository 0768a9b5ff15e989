# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a prune removes, as tables without an engine."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import pytest

from ansible_collections.wharf.docker.plugins.module_utils._container.status import listed_name
from ansible_collections.wharf.docker.plugins.module_utils._objects.unused import Item, RemoveItem, why_left
from ansible_collections.wharf.docker.plugins.module_utils._tasks.plan_prune import (
    KINDS,
    Observed,
    Wanted,
    human,
    plan_of,
    plan_prune,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.prune_filters import (
    KNOWN,
    Clock,
    Filters,
    Until,
    clock,
    filters,
    instant,
    until,
)
from ansible_collections.wharf.docker.plugins.module_utils._values.time import (
    SECOND,
)

NOON = 1_800_000_000
CLOCK = Clock(NOON * SECOND)


def container(name: str, state: str = "exited", image: str = "sha256:base", **more: Any) -> Dict[str, Any]:
    networks = {network: {"NetworkID": ""} for network in more.pop("networks", ())}
    mounts = [{"Type": "volume", "Name": volume} for volume in more.pop("mounts", ())]
    return {
        "Id": name * 16,
        "Names": ["/" + name],
        "Image": more.pop("named", "other:1"),
        "ImageID": image,
        "State": state,
        "Created": NOON - 100,
        "Labels": {},
        "NetworkSettings": {"Networks": networks},
        "Mounts": mounts,
        **more,
    }


def network(name: str, **more: Any) -> Dict[str, Any]:
    return {"Id": (name + "-id") * 8, "Name": name, "Created": "2026-01-01T00:00:00.5Z", "Scope": "local", **more}


def volume(name: str, **more: Any) -> Dict[str, Any]:
    return {"Name": name, "Driver": "local", "Labels": None, "Options": None, **more}


def image(name: str, *tags: str, parent: str = "", **more: Any) -> Dict[str, Any]:
    return {
        "Id": "sha256:" + name,
        "RepoTags": list(tags),
        "RepoDigests": [],
        "ParentId": "sha256:" + parent if parent else "",
        "Created": NOON - 100,
        "Labels": None,
        **more,
    }


def record(name: str, parent: Any = "", **more: Any) -> Dict[str, Any]:
    key = "Parent" if isinstance(parent, str) else " Parents"
    return {
        "ID": name,
        key: parent,
        "Type": "regular",
        "Size": 10,
        "CreatedAt": "2026-01-01T00:00:00Z",
        "LastUsedAt": None,
        **more,
    }


def planned(kinds: List[str], observed: Observed, **options: Any) -> List[str]:
    given = options.pop("given", {})
    wanted = Wanted({kind: filters(KINDS[kind] + "_filters", given.get(kind)) for kind in kinds}, **options)
    return [step.item.name for step in plan_prune(wanted, observed)]


@pytest.mark.parametrize(
    ("state", "goes"),
    [
        ("created", True),
        ("exited", True),
        ("dead", True),
        ("running", False),
        ("paused", False),
        ("restarting", False),
        ("removing", False),
        ("anything new", False),
    ],
)
def test_states(state: str, goes: bool) -> None:
    assert planned(["container"], Observed(containers=(container("c", state),))) == (["c"] if goes else [])


@pytest.mark.parametrize(
    ("found", "of_stopped", "containers", "goes"),
    [
        (network("n"), False, [], True),
        (network("n"), False, [container("c", networks=["n"])], False),
        (network("n"), True, [container("c", networks=["n"])], True),
        (network("n"), True, [container("c", "restarting", networks=["n"])], False),
        (network("n"), False, [container("c", networks=["other"])], True),
        (network("n"), False, [container("c", HostConfig={"NetworkMode": "n"})], False),
        (network("n"), False, [container("c", networks=[("n-id" * 8)[:12]])], False),
        (network("n"), False, [container("c", NetworkSettings={"Networks": {"x": {"NetworkID": "n-id" * 8}}})], False),
        (network("n"), False, [container("c", NetworkSettings={"Networks": {"n": None}})], False),
        (network("bridge"), True, [], False),
        (network("host"), True, [], False),
        (network("none"), True, [], False),
        (network("ingress"), True, [], False),
        (network("docker_gwbridge"), True, [], False),
        (network("n", Ingress=True), True, [], False),
        (network("n", ConfigOnly=True), True, [], False),
        (network("n", Scope="swarm"), True, [], False),
    ],
)
def test_networks(found: Dict[str, Any], of_stopped: bool, containers: List[Any], goes: bool) -> None:
    observed = Observed(containers=tuple(containers), networks=(found,))
    assert planned(["network"], observed, of_stopped=of_stopped) == ([found["Name"]] if goes else [])


@pytest.mark.parametrize(
    ("found", "every", "containers", "count", "goes"),
    [
        (volume("a" * 64), False, [], 0, True),
        (volume("a" * 63), False, [], 0, False),
        (volume("g" * 64), False, [], 0, False),
        (volume("v", Labels={"com.docker.volume.anonymous": ""}), False, [], 0, True),
        (volume("v"), False, [], 0, False),
        (volume("v"), True, [], 0, True),
        (volume("v"), True, [container("c", mounts=["v"])], 1, False),
        (volume("v"), True, [container("c", mounts=["w"])], 0, True),
        (volume("v"), True, [], 1, False),
        (volume("v"), True, [], -1, True),
        (volume("v", Driver="nfs"), True, [], 0, False),
        (volume("v", Options={"device": "x"}), True, [], 0, False),
        (volume("v", ClusterVolume={}), True, [], 0, True),
        (volume("v", ClusterVolume={"ID": "1"}), True, [], 0, False),
    ],
)
def test_volumes(found: Dict[str, Any], every: bool, containers: List[Any], count: int, goes: bool) -> None:
    name = found["Name"]
    sizes = {name: {"UsageData": {"RefCount": count, "Size": 5}}}
    observed = Observed(containers=tuple(containers), volumes=(found,), sizes=sizes)
    given = {"volume": {"all": every}}
    assert planned(["volume"], observed, given=given) == ([name] if goes else [])


@pytest.mark.parametrize(
    ("images", "containers", "dangling", "names"),
    [
        ([image("loose")], [], True, ["loose"]),
        ([image("loose", "<none>:<none>", RepoDigests=["<none>@<none>"])], [], True, ["loose"]),
        ([image("loose", RepoDigests=["a@sha256:1"])], [], True, ["loose"]),
        ([image("loose")], [container("c", image="sha256:loose")], True, []),
        ([image("one", "a:1")], [], True, []),
        ([image("one", "b:1", "a:1")], [], False, ["a:1, b:1"]),
        ([image("one", "a:1", "a:2")], [container("c", image="sha256:one")], False, []),
        # A name that a container refers to is kept, whichever image has it now.
        ([image("one", "a:1", "b:1")], [container("c", image="sha256:x", named="b:1")], False, []),
        ([image("one", "a:latest")], [container("c", image="sha256:x", named="docker.io/library/a")], False, []),
        ([image("one", "a:1")], [container("c", image="sha256:x", named="sha256:x")], False, ["a:1"]),
        # A parent is removed after its last child, and kept as long as it has any.
        ([image("p"), image("c", parent="p")], [], True, ["c", "p"]),
        ([image("p"), image("c", "c:1", parent="p")], [], True, []),
        ([image("p", "p:1"), image("c", "c:1", parent="p")], [], False, ["c:1", "p:1"]),
        ([image("p", "p:1"), image("c", "c:1", parent="p")], [container("x", image="sha256:c")], False, []),
        ([image("p"), image("c", parent="p"), image("d", "d:1", parent="p")], [], True, ["c"]),
        ([image("g"), image("p", parent="g"), image("c", parent="p")], [], True, ["c", "p", "g"]),
        ([image("p", Labels={"keep": ""}), image("c", parent="p")], [], None, ["c"]),
        ([image("c", parent="unknown")], [], True, ["c"]),
    ],
)
def test_images(images: List[Any], containers: List[Any], dangling: Optional[bool], names: List[str]) -> None:
    given: Dict[str, Any] = {"dangling": dangling} if dangling is not None else {"label!": "keep"}
    observed = Observed(containers=tuple(containers), images=tuple(images))
    assert planned(["image"], observed, given={"image": given}) == names


def test_names_that_the_engine_gives_back_oddly() -> None:
    """An image's name that the collection can't parse is still compared."""
    observed = Observed(
        containers=(container("c", image="sha256:x", named="ODD NAME"),), images=(image("one", "ODD NAME"),)
    )
    assert planned(["image"], observed, given={"image": {"dangling": False}}) == []


@pytest.mark.parametrize(
    ("records", "options", "given", "names"),
    [
        ([record("a"), record("b", "a"), record("c", ["b"])], {}, {}, ["c", "b", "a"]),
        ([record("a", Parents=["b"]), record("b")], {}, {}, ["a", "b"]),
        ([record("a"), record("b", "a", InUse=True)], {}, {}, []),
        ([record("a", Shared=True), record("b")], {}, {}, ["b"]),
        ([record("a", Shared=True), record("b")], {"all_records": True}, {}, ["a", "b"]),
        ([record("a", Type="internal"), record("b", Type="frontend")], {}, {}, []),
        ([record("a", Type="internal"), record("b", Type="frontend")], {"all_records": True}, {}, ["a", "b"]),
        ([record("a", Type="internal"), record("b")], {}, {"type": "regular"}, ["b"]),
        ([record("a"), record("b"), record("c")], {"keep": 15}, {}, ["a", "b"]),
        ([record("a"), record("b"), record("c")], {"keep": 30}, {}, []),
        ([record("a"), record("b")], {"keep": 0}, {}, ["a", "b"]),
        # Records shared with an image don't count.
        ([record("a", Shared=True), record("b")], {"keep": 10, "all_records": True}, {}, []),
        ([record("b", LastUsedAt="2026-02-01T00:00:00Z"), record("z")], {"keep": 10}, {}, ["z"]),
        ([record("b", LastUsedAt="2027-02-01T00:00:00Z"), record("z")], {}, {"until": "1h"}, ["z"]),
        ([record("abc"), record("bcd")], {}, {"id": "^bc"}, ["bcd"]),
        ([record("a"), record("b", "a"), record("c", "a")], {}, {"parent": "a"}, ["b", "c"]),
        ([record("a", Description="x"), record("b")], {}, {"description": "x"}, ["a"]),
        ([record("a", Shared=True), record("b")], {"all_records": True}, {"shared": True}, ["a"]),
        ([record("a", Shared=True), record("b")], {"all_records": True}, {"private": True}, ["b"]),
        ([record("a")], {}, {"inuse": False}, ["a"]),
        ([record("a")], {}, {"inuse": True}, []),
    ],
)
def test_build_cache(records: List[Any], options: Dict[str, Any], given: Dict[str, Any], names: List[str]) -> None:
    observed = Observed(records=tuple(records), clock=CLOCK)
    assert planned(["build cache"], observed, given={"build cache": given}, **options) == names


@pytest.mark.parametrize(
    ("containers", "options", "names"),
    [
        ([container("a.wharf-old"), container("a.wharf-new", "created"), container("a.wharf-previous-3")], {}, []),
        ([container("a.wharf-old"), container("b")], {}, ["b"]),
        ([container("a.wharf-old"), container("b")], {"leftovers": True}, ["a.wharf-old", "b"]),
        ([container("a"), container("a.wharf-new", Labels={"wharf.docker.replaces": "a" * 16})], {}, []),
        # The new container has its final name: what it once replaced is removed, or recognisable by its own name.
        ([container("b"), container("a", "running", Labels={"wharf.docker.replaces": "b" * 16})], {}, ["b"]),
        ([container("a.wharf-older"), container(".wharf-old")], {}, [".wharf-old", "a.wharf-older"]),
    ],
)
def test_leftovers_of_replacements(containers: List[Any], options: Dict[str, Any], names: List[str]) -> None:
    assert planned(["container"], Observed(containers=tuple(containers)), **options) == names


@pytest.mark.parametrize("leftover", ["c.wharf-old", "c.wharf-new", "c.wharf-previous-1"])
def test_leftovers_keep_their_networks(leftover: str) -> None:
    observed = Observed(containers=(container(leftover, networks=["n"]),), networks=(network("n"),))
    assert planned(["container", "network"], observed, of_stopped=True) == []
    assert planned(["container", "network"], observed, of_stopped=True, leftovers=True) == [leftover, "n"]


SEEN = {"CreatedAt": "1", "Driver": "local", "Labels": None, "Options": None}


@pytest.mark.parametrize(
    ("item", "containers", "found", "words"),
    [
        (Item("container", "c" * 16, "c", "", seen={"State": "exited"}), [container("c")], None, ""),
        (Item("container", "c" * 16, "c", ""), [], None, "gone by then"),
        (
            Item("container", "c" * 16, "c", "", seen={"State": "created"}),
            [container("c")],
            None,
            "not removable by then: it is exited now, and was created",
        ),
        (Item("container", "d" * 16, "c", ""), [container("d")], None, "it was renamed to d meanwhile"),
        (Item("network", "n-id" * 8, "n", ""), [], None, ""),
        (Item("network", "n-id" * 8, "n", ""), [container("c", "created", networks=["n"])], None, "used by then by c"),
        (Item("network", "n-id" * 8, "n", ""), [container("c", networks=["m"])], None, ""),
        (Item("volume", "v", "v", "", seen=SEEN), [], volume("v", CreatedAt="1"), ""),
        (Item("volume", "v", "v", "", seen=SEEN), [], None, "gone by then"),
        *(
            (Item("volume", "v", "v", "", seen=SEEN), [], volume("v", **other), "another volume has its name by then")
            for other in (
                {"CreatedAt": "2"},
                {"CreatedAt": "1", "Labels": {"keep": ""}},
                {"CreatedAt": "1", "Driver": "nfs"},
                {"CreatedAt": "1", "Options": {"device": "x"}},
            )
        ),
        (Item("image", "sha256:i", "", "", names=("a:1",)), [], image("i", "a:1"), ""),
        (Item("image", "sha256:i", "", "", names=("a:1",)), [], None, "gone by then"),
        (Item("image", "sha256:i", "", "", names=("a:1",)), [], image("i"), "its names changed meanwhile"),
        (Item("image", "sha256:i", "", ""), [], image("i", "a:1"), "its names changed meanwhile"),
        (
            Item("image", "sha256:i", "", "", names=("a:1",)),
            [container("c", image="sha256:x", named="a:1"), container("d", image="sha256:i")],
            image("i", "a:1"),
            "used by then by c, d",
        ),
    ],
)
def test_why_one_is_left(item: Item, containers: List[Any], found: Any, words: str) -> None:
    assert why_left(RemoveItem("", (), item), containers, found) == words


def test_networks_of_stopped_are_still_looked_at() -> None:
    item = Item("network", "n-id" * 8, "n", "")
    stopped, runs = container("s", networks=["n"]), container("r", "running", networks=["n"])
    step = RemoveItem("", (), item, of_stopped=True)
    assert why_left(step, [stopped]) == ""
    assert why_left(step, [stopped, runs]) == "used by then by r"


def test_containers_that_go_free_what_they_used() -> None:
    observed = Observed(
        containers=(
            container("c", image="sha256:one", networks=["n"], mounts=["a" * 64]),
            container("s", image="sha256:two", networks=["m"], mounts=["b" * 64], Labels={"keep": ""}),
        ),
        networks=(network("m"), network("n")),
        volumes=(volume("a" * 64), volume("b" * 64)),
        images=(image("one", "one:1"), image("two", "two:1")),
        sizes={name * 64: {"UsageData": {"RefCount": 1, "Size": -1}} for name in "ab"},
    )
    given = {"container": {"label!": "keep"}, "image": {"dangling": False}}
    assert planned(["network", "volume", "image"], observed, given=given) == []
    assert planned(list(KINDS), observed, given=given) == ["c", "n", "a" * 64, "one:1"]


def test_what_the_plan_says() -> None:
    observed = Observed(
        containers=(container("web", SizeRw=1500), container("db", "created")),
        images=(image("0123456789abcdef"),),
        own={"sha256:0123456789abcdef": 84_000_000},
        networks=(network("n"),),
    )
    wanted = Wanted({kind: Filters() for kind in ("container", "image", "network")})
    steps = plan_prune(wanted, observed)
    plan = plan_of(steps)
    assert plan.actions() == [
        "remove container db: created (0 B)",
        "remove container web: exited (1.5 kB)",
        "remove network n: no container uses it",
        "remove image 0123456789ab: dangling (84.0 MB)",
    ]
    assert plan.diff() == {
        "before": {"containers": ["db", "web"], "networks": ["n"], "images": ["0123456789ab"]},
        "after": {"containers": [], "networks": [], "images": []},
    }
    assert steps[1].item.fact() == {
        "kind": "container",
        "id": "web" * 16,
        "name": "web",
        "reason": "exited",
        "size": 1500,
    }
    assert not plan_of([]).changed and plan_of([]).diff() == {"before": {}, "after": {}}


def test_a_name_among_names_of_links() -> None:
    assert listed_name({"Id": "1", "Names": ["/web/db", "/db"]}) == "db"
    assert listed_name({"Id": "0123456789abcdef", "Names": []}) == "0123456789ab"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (84_000_000, "84.0 MB"),
        (1_234_567_890, "1.2 GB"),
        (5 * 10**18, "5000.0 PB"),
    ],
)
def test_sizes(size: int, words: str) -> None:
    assert human(size) == words


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("24h", "ago", 24 * 3600 * SECOND),
        ("1h30m", "ago", 5400 * SECOND),
        ("1.5s", "ago", 1_500_000_000),
        ("0s", "ago", 0),
        ("0h", "ago", 0),
        (" 24h\n", "ago", 24 * 3600 * SECOND),
        # Zero without a unit means the beginning of 1970: nothing is older.
        ("0", "unix", 0),
        ("00", "unix", 0),
        ("0.0", "unix", 0),
        (" 0", "unix", 0),
        ("0\n", "unix", 0),
        ("1700000000", "unix", 1_700_000_000 * SECOND),
        ("1700000000.25", "unix", 1_700_000_000 * SECOND + 250_000_000),
        ("2026-01-31T12:00:00Z", "unix", 1_769_860_800 * SECOND),
        ("2026-01-31T12:00:00.5Z", "unix", 1_769_860_800 * SECOND + 500_000_000),
        ("2026-01-31T14:30:00+02:30", "unix", 1_769_860_800 * SECOND),
        ("2026-01-31T10:00:00-02:00", "unix", 1_769_860_800 * SECOND),
        ("2026-01-31T12:00:00", "local", 1_769_860_800 * SECOND),
        ("2026-01-31T12:00", "local", 1_769_860_800 * SECOND),
        ("2026-01-31T12", "local", 1_769_860_800 * SECOND),
        ("2026-01-31", "local", 1_769_817_600 * SECOND),
        ("2026-01-31Z", "unix", 1_769_817_600 * SECOND),
    ],
)
def test_until(text: str, kind: str, value: int) -> None:
    assert until(text) == Until(kind, value)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "soon", "10d", "1w", "-1h", "-0", "+0", "-1", "- 1h", "1e9", "inf", "nan", "null", "True", "٣"),
        *("2026-02-30", "2026-01-31T25:00", "0000-01-01", "2026-01-31T12:00:00+24:00"),
        *("2026-01-31 12:00", "2026-01-31t12:00", "2026-01-31T12:00z", "2026-01-31T12:00+0100", "٢٠٢٦-01-31"),
    ],
)
def test_until_that_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="until: "):
        until(text)


def test_what_time_it_is() -> None:
    engine = clock("2026-01-31T14:00:00.123456789+02:00")
    assert engine == Clock(1_769_860_800 * SECOND + 123_456_789, 7200 * SECOND)
    assert until("10s").at(engine) == engine.now - 10 * SECOND
    # A time without a zone is in the engine's zone.
    assert until("2026-01-31T14:00").at(engine) == 1_769_860_800 * SECOND
    assert instant("2026-01-31T12:00:00Z") == until("1769860800").at(engine)


@pytest.mark.parametrize(
    ("created", "limit", "goes"), [(99, 100, True), (100, 100, False), (101, 100, False), (0, 100, True)]
)
def test_created_in_the_very_second(created: int, limit: int, goes: bool) -> None:
    observed = Observed(containers=(container("c", Created=created),))
    assert planned(["container"], observed, given={"container": {"until": limit}}) == (["c"] if goes else [])


@pytest.mark.parametrize(
    ("given", "labels", "passes"),
    [
        ({}, None, True),
        ({"label": "a"}, None, False),
        ({"label": "a"}, {"a": ""}, True),
        ({"label": "a="}, {"a": ""}, True),
        ({"label": "a="}, {"a": "1"}, False),
        ({"label": "a=b=c"}, {"a": "b=c"}, True),
        ({"label": ["a", "b"]}, {"a": "1"}, False),
        ({"label": {"a": True}}, {"a": "true"}, True),
        ({"label": {"a": None}}, {"a": "anything"}, True),
        ({"label!": "a"}, None, True),
        ({"label!": "a=1"}, {"a": "2"}, True),
        ({"label!": ["a", "b"]}, {"a": "1"}, False),
        ({"label": "a", "label!": "b"}, {"a": "", "b": ""}, False),
    ],
)
def test_labels(given: Dict[str, Any], labels: Optional[Dict[str, str]], passes: bool) -> None:
    assert filters("containers_filters", given).pass_labels(labels) == passes


@pytest.mark.parametrize(
    ("given", "passes"),
    [
        (0, False),
        ("0", False),
        (0.0, False),
        ("0s", True),
        (1, False),
        ("1s", True),
    ],
)
@pytest.mark.parametrize("kind", ["container", "network", "image", "build cache"])
def test_until_zero(kind: str, given: Any, passes: bool) -> None:
    """For every kind with this filter, by both of its names."""
    observed = Observed(
        containers=(container("name"),) if kind == "container" else (),
        networks=(network("name"),),
        images=(image("name"),),
        records=(record("name"),),
        clock=CLOCK,
    )
    for key in ("until", "unused-for") if kind == "build cache" else ("until",):
        assert planned([kind], observed, given={kind: {key: given}}) == (["name"] if passes else [])


@pytest.mark.parametrize("key", ["label", "label!"])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (True, "True is not the name of a label"),
        (False, "False is not the name of a label"),
        ("true", "'true' is not the name of a label"),
        ("False", "'False' is not the name of a label"),
        (0, "0 is not the name of a label"),
        (1.5, "1.5 is not the name of a label"),
        (["keep", True], "True is not the name of a label"),
        (["keep", 0], "0 is not the name of a label"),
        ([None], "has an empty value"),
        (["keep", ""], "has an empty value"),
        (None, "has an empty value"),
        ("", "has an empty value"),
        ([], "has an empty value"),
        ({}, "has an empty value"),
        (" ", "' ' is not the name of a label"),
        ("keep\n", "'keep\\\\n' is not the name of a label"),
        ("a,b", "'a,b' is not the name of a label.*list"),
        ("a b", "'a b' is not the name of a label"),
        ("=x", "'' is not the name of a label"),
        ({"a=b": "x"}, "'a=b' is not the name of a label"),
        ({True: "x"}, "True is not the name of a label"),
        ({"": "x"}, "'' is not the name of a label"),
        ([["keep"]], "takes a text or a list of texts"),
        ([{"keep": 1}], "takes a text or a list of texts"),
        ({"keep": ["a", "b"]}, "the value of 'keep' is a list"),
        ({"keep": {"a": "b"}}, "the value of 'keep' is a dict"),
    ],
)
def test_what_is_no_label(key: str, given: Any, words: str) -> None:
    """With a label that no object has, everything would pass ``label!``."""
    with pytest.raises(ValueError, match=key + ".*" + words):
        filters("containers_filters", {key: given})


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("a=b=c", ("a=b=c",)),
        ("a=x y, z", ("a=x y, z",)),
        ("com.example/a-b_c", ("com.example/a-b_c",)),
        ("schlüssel=grün", ("schlüssel=grün",)),
        ("a=true", ("a=true",)),
        ("a.*=[", ("a.*=[",)),
        ({"true": None}, ("true",)),
        ({"a b": 1, "c,d": None, "e": True, "f": ""}, ("a b=1", "c,d", "e=true", "f=")),
        (["a", "b=1"], ("a", "b=1")),
    ],
)
def test_what_is_a_label(given: Any, found: Any) -> None:
    assert filters("images_filters", {"label!": given}).without == found


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        *((given, True) for given in (True, "true", "True", "yes", "on", "1", 1, "y", "t", ["true"])),
        *((given, False) for given in (False, "false", "FALSE", "no", "off", "0", 0, "n", "f", ["false"])),
    ],
)
def test_flags(given: Any, flag: bool) -> None:
    assert filters("images_filters", {"dangling": given}).flags == {"dangling": flag}


@pytest.mark.parametrize("given", ["maybe", 2, -1, "truee", 0.5, "", None, [], [True, False], {"a": 1}, [[True]]])
def test_what_is_no_flag(given: Any) -> None:
    with pytest.raises(ValueError, match="dangling"):
        filters("images_filters", {"dangling": given})


@pytest.mark.parametrize(
    "given", [True, False, None, "", [], [None], {"a": 1}, [["1h"]], ["1h", "2h"], -1, -0.5, "omit"]
)
def test_what_is_no_until(given: Any) -> None:
    for option in ("containers_filters", "images_filters", "networks_filters", "builder_cache_filters"):
        with pytest.raises(ValueError, match="until"):
            filters(option, {"until": given})


@pytest.mark.parametrize("key", ["id", "parent", "type", "description"])
@pytest.mark.parametrize("given", [True, False, None, "", [], {"a": 1}, [["x"]], ["a", "b"]])
def test_what_is_no_text_of_a_record(key: str, given: Any) -> None:
    with pytest.raises(ValueError, match=key):
        filters("builder_cache_filters", {key: given})


@pytest.mark.parametrize("option", KNOWN)
def test_unknown_filters(option: str) -> None:
    with pytest.raises(ValueError, match="a, b is unknown. The known filters are " + ", ".join(KNOWN[option])):
        filters(option, {"b": 1, "a": 2})
    assert filters(option, None) == filters(option, {}) == Filters()
