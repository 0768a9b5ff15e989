# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Selecting containers by names and ids, by filters, or all of them; and doing something for each in parallel."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, TypeVar

from ansible_collections.wharf.docker.plugins.module_utils._container.inspect import find_container
from ansible_collections.wharf.docker.plugins.module_utils._container.status import own_name
from ansible_collections.wharf.docker.plugins.module_utils._engine.client import Engine
from ansible_collections.wharf.docker.plugins.module_utils._engine.errors import Failure
from ansible_collections.wharf.docker.plugins.module_utils._values import core as _values

# How many calls are made in parallel, if the module has no option for it.
PARALLEL = 8

# The filters of ``docker ps``.
FILTERS = (
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
)

# How many containers a message names.
MOST_NAMED = 5

Item = TypeVar("Item")
Made = TypeVar("Made")


def each(function: Callable[[Item], Made], items: Iterable[Item], parallel: int = PARALLEL) -> List[Made]:
    """``function`` of each item, in the order of the items; at most ``parallel`` at a time, each in its own thread."""
    todo = list(items)
    if len(todo) < 2 or parallel < 2:
        return [function(item) for item in todo]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=min(parallel, len(todo))) as pool:
        return list(pool.map(function, todo))


def names_from(value: Optional[List[str]]) -> Optional[List[str]]:
    """The option ``name``: names or ids, each once; None: not given. Failure: something else."""
    if value is None:
        return None
    try:
        return list(dict.fromkeys(_values.container_name(name) for name in value))
    except ValueError as error:
        raise Failure("name: %s." % str(error).rstrip(".")) from None


def filters_from(value: Optional[Mapping[str, Any]]) -> Optional[Dict[str, List[str]]]:
    """The option ``filters`` in the API's form: a list of texts for each filter; None: not given.

    Failure: an unknown filter, or one without a value, which every container would match.
    """
    if value is None:
        return None
    unknown = sorted(str(key) for key in value if key not in FILTERS)
    if unknown:
        raise Failure("filters: %s is unknown. The known filters are %s." % (", ".join(unknown), ", ".join(FILTERS)))
    filters = {key: _filter_values(key, wanted) for key, wanted in value.items()}
    for key, texts in filters.items():
        if not texts or not all(texts):
            raise Failure(
                "filters: %s has an empty value, which every container would match. "
                "Give it a value, or leave the filter out." % key
            )
    return filters


def find_by_names(engine: Engine, names: List[str], parallel: int = PARALLEL) -> Tuple[List[Dict[str, Any]], List[str]]:
    """(inspect documents, names without a container), both in the order of ``names``. One call per name.

    A container that is given twice (by its name and by its id) is returned once.
    """
    found = each(lambda name: find_container(engine, name), names, parallel)
    documents = {document["Id"]: document for document in found if document is not None}
    missing = [name for name, document in zip(names, found) if document is None]
    return list(documents.values()), missing


def find_by_filters(
    engine: Engine, filters: Mapping[str, List[str]], stopped: bool = True, parallel: int = PARALLEL
) -> List[Dict[str, Any]]:
    """Inspect documents of the containers that match all filters, by name. One listing, and one call per container.

    ``stopped``: also of stopped containers. A container that is removed meanwhile is left out.
    """
    listed = engine.get(
        "/containers/json", tried="list the containers", query={"all": stopped, "filters": dict(filters)}
    )
    found = each(lambda entry: find_container(engine, str(entry["Id"])), listed, parallel)
    return sorted((document for document in found if document is not None), key=own_name)


def containers_in(names: Optional[List[str]], documents: Sequence[Mapping[str, Any]], failed: bool) -> Dict[str, Any]:
    """The result's keys for the containers. A failed task's result is printed, so it has each container only once."""
    facts: Dict[str, Any] = {"containers": list(documents)}
    if names is not None and len(names) == 1:
        facts["container"] = documents[0] if documents else {}
        if failed:
            del facts["containers"]
    return facts


def in_words(names: Iterable[str]) -> str:
    """The names of containers for a message, at most MOST_NAMED."""
    named = list(names)
    if len(named) <= MOST_NAMED:
        return ", ".join(named)
    return "%s and %d more" % (", ".join(named[:MOST_NAMED]), len(named) - MOST_NAMED)


def _filter_values(key: str, value: Any) -> List[str]:
    if isinstance(value, dict):
        if key != "label":
            raise Failure("filters: %s takes a text or a list of texts, not a dictionary." % key)
        return [_text(name) if text is None else "%s=%s" % (name, _text(text)) for name, text in value.items()]
    if isinstance(value, (list, tuple)):
        if any(isinstance(item, (dict, list)) for item in value):
            raise Failure("filters: %s takes a text or a list of texts, not %r." % (key, value))
        return [_text(item) for item in value]
    return [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
