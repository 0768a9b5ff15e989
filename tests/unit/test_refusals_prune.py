# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""prune: options that are refused without asking an engine."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"containers_filters": {"age": "1h"}}, "age is unknown. The known filters are label, label!, until"),
        ({"images_filters": {"all": True}}, "all is unknown. The known filters are dangling, label"),
        ({"networks_filters": {"x": 1, "b": 2}}, "networks_filters: b, x is unknown"),
        ({"volumes_filters": {"until": "1h"}}, "until is unknown. The known filters are all, label, label!"),
        ({"builder_cache_filters": {"label": "x"}}, "label is unknown. The known filters are description"),
        ({"containers_filters": {"until": "10d"}}, "'10d' is not a valid time"),
        ({"containers_filters": {"until": "-1h"}}, "'-1h' is not a valid time"),
        ({"containers_filters": {"until": "2026-13-01"}}, "there is no such time"),
        ({"containers_filters": {"until": ["1h", "2h"]}}, "until has 2 values"),
        ({"containers_filters": {"until": ""}}, "until has an empty value"),
        ({"containers_filters": {"until": {"a": 1}}}, "until takes a text, not a dictionary"),
        ({"containers_filters": {"until": -1}}, "'-1' is not a valid time"),
        ({"containers_filters": {"until": True}}, "until takes a text, not True"),
        ({"images_filters": {"label!": True}}, "label!: True is not the name of a label"),
        ({"volumes_filters": {"all": True, "label!": False}}, "label!: False is not the name of a label"),
        ({"networks_filters": {"label!": ["keep", True]}}, "label!: True is not the name of a label"),
        ({"containers_filters": {"label": "false"}}, "label: 'false' is not the name of a label"),
        ({"containers_filters": {"label!": 0}}, "label!: 0 is not the name of a label"),
        ({"containers_filters": {"label!": "keep\n"}}, "is not the name of a label"),
        ({"volumes_filters": {"label!": "a,b"}}, "for several labels a list"),
        ({"builder_cache_keep_storage": ""}, "builder_cache_keep_storage"),
        ({"builder_cache_keep_storage": "-1"}, "builder_cache_keep_storage"),
        ({"containers_filters": {"label": []}}, "label has an empty value"),
        ({"containers_filters": {"label!": [["x"]]}}, "takes a text or a list of texts"),
        ({"images_filters": {"dangling": "maybe"}}, "'maybe' is neither true nor false"),
        ({"builder_cache_filters": {"until": "1h", "unused-for": "1h"}}, "are the same"),
        ({"builder_cache_filters": {"id": "("}}, "is not a valid regular expression"),
        ({"builder_cache_keep_storage": "lots"}, "builder_cache_keep_storage: size 'lots'"),
    ],
)
def test_wrong_values(arguments: dict[str, Any], words: str, refused: Any) -> None:
    """The message begins with the option."""
    message = refused("prune", **arguments)
    assert words in message
    assert message.startswith(next(iter(arguments)))
