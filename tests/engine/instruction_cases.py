# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dockerfile instructions, and the resulting configuration of the engine, for tests with and without an engine."""

from __future__ import annotations

from typing import Any

SH = ["/bin/sh", "-c"]

# (changes, the image's configuration without empty values)
TAKEN: list[tuple[Any, dict[str, Any]]] = [
    (None, {}),
    ('CMD ["a", "b c"]', {"Cmd": ["a", "b c"]}),
    ("CMD a 'b  c' $x", {"Cmd": [*SH, "a 'b  c' $x"]}),
    ("cmd  \t a", {"Cmd": [*SH, "a"]}),
    ("CMD []", {}),
    ("CMD [ -f /x ] && y", {"Cmd": [*SH, "[ -f /x ] && y"]}),
    ('CMD ["a\\n", "\\u00fc"]', {"Cmd": ["a\n", "ü"]}),
    ("CMD a\nCMD b", {"Cmd": [*SH, "b"]}),
    ('ENTRYPOINT ["e"]\nCMD ["c"]', {"Entrypoint": ["e"], "Cmd": ["c"]}),
    ('CMD ["c"]\nENTRYPOINT e f', {"Entrypoint": [*SH, "e f"], "Cmd": ["c"]}),
    (
        'ENV A=1 B="x y" C=\'$A\' D=a\\ b E="\\$A \\x \\\\" F=\\$A G=',
        {"Env": ["A=1", "B=x y", "C=$A", "D=a b", "E=$A \\x \\", "F=$A", "G="]},
    ),
    ('ENV A  x "y"  z', {"Env": ["A=x y  z"]}),
    ("ENV A=1 B=$A\nENV C=$A D=${A}2 E=$B", {"Env": ["A=1", "B=", "C=1", "D=12", "E="]}),
    ("ENV A=1\nENV B=2\nENV A=3", {"Env": ["A=3", "B=2"]}),
    ("ENV A=x=y 'B'=\"1\"'2'3", {"Env": ["A=x=y", "B=123"]}),
    ("ENV A=b\\", {"Env": ["A=b"]}),
    ('ENV A=5$ B="$"', {"Env": ["A=5$", "B=$"]}),
    ("ENV A=ü,b", {"Env": ["A=ü,b"]}),
    (
        "EXPOSE 80 81/udp 90-92 93/TCP",
        {"ExposedPorts": {"80/tcp": {}, "81/udp": {}, "90/tcp": {}, "91/tcp": {}, "92/tcp": {}, "93/tcp": {}}},
    ),
    (
        'ENV P=80 Q="90 91/udp"\nEXPOSE $P $Q\nEXPOSE 80',
        {"Env": ["P=80", "Q=90 91/udp"], "ExposedPorts": {"80/tcp": {}, "90/tcp": {}, "91/udp": {}}},
    ),
    (
        "HEALTHCHECK --interval=1m30s --timeout=500ms  --retries=3 CMD curl $x",
        {"Healthcheck": {"Test": ["CMD-SHELL", "curl $x"], "Interval": 90 * 10**9, "Timeout": 5 * 10**8, "Retries": 3}},
    ),
    (
        'HEALTHCHECK --start-period=1.5h cmd ["a", "b"]',
        {"Healthcheck": {"Test": ["CMD", "a", "b"], "StartPeriod": 5400 * 10**9}},
    ),
    ("HEALTHCHECK none", {"Healthcheck": {"Test": ["NONE"]}}),
    ("HEALTHCHECK CMD a\nHEALTHCHECK CMD b", {"Healthcheck": {"Test": ["CMD-SHELL", "b"]}}),
    ('LABEL a=b "c d"="e f" x=\'q"q\' y.z/w=', {"Labels": {"a": "b", "c d": "e f", "x": 'q"q', "y.z/w": ""}}),
    ('LABEL old style "x"', {"Labels": {"old": "style x"}}),
    ('ENV A=1\nLABEL $A=$A b="${A}"', {"Env": ["A=1"], "Labels": {"1": "1", "b": "1"}}),
    ("ONBUILD RUN echo $x\nonbuild   copy . /x", {"OnBuild": ["RUN echo $x", "copy . /x"]}),
    ("USER 1000:1000", {"User": "1000:1000"}),
    ('ENV U=me\nUSER "$U"', {"Env": ["U=me"], "User": "me"}),
    ('VOLUME /a  /b\nVOLUME ["/c d", "/e/../f"]', {"Volumes": {"/a": {}, "/b": {}, "/c d": {}, "/e/../f": {}}}),
    ("WORKDIR x\nWORKDIR y/../z", {"WorkingDir": "/x/z"}),
    ("WORKDIR /a//../b/", {"WorkingDir": "/b"}),
    ("WORKDIR /a/../b/\nWORKDIR c", {"WorkingDir": "/b/c"}),
    ("WORKDIR /a\nWORKDIR ..", {"WorkingDir": "/"}),
    ("ENV D=a\\ b\nWORKDIR /$D/c d", {"Env": ["D=a b"], "WorkingDir": "/a b/c d"}),
]

# Engines accept this from API 1.42 on.
STOP_SIGNAL: tuple[str, dict[str, Any]] = ("STOPSIGNAL SIGINT", {"StopSignal": "SIGINT"})

# (changes, part of the error)
REFUSED: list[tuple[Any, str]] = [
    ("FROM x", "FROM is not an instruction for the configuration of an image; there are CMD, ENTRYPOINT, ENV, EXPOSE"),
    ("RUN x", "RUN is not an instruction"),
    ('SHELL ["a"]', "SHELL is not an instruction"),
    ("CMD=x", "CMD=x is not an instruction"),
    ("USER a\nNONSENSE", "NONSENSE is not an instruction"),
    ("CMD", "instruction 1, CMD: it has no value"),
    ("USER a\nWORKDIR  ", "instruction 2, WORKDIR: it has no value"),
    ("CMD ['a']", "looks like a JSON list"),
    ("CMD [1]", "only text"),
    ("CMD --x y", "no flags"),
    ('ENTRYPOINT ["a", ["b"]]', "only text"),
    ("ENV A", "ENV NAME=VALUE"),
    ("ENV A=1 b", "ENV NAME=VALUE"),
    ("ENV =x", "a name is empty"),
    ('ENV A="b', 'the quote " has no end'),
    ("ENV A='b", "the quote ' has no end"),
    ("ENV A=${B:-c}", "$NAME and ${NAME}"),
    ("ENV A=${B", "$NAME and ${NAME}"),
    ("ENV A=$1", "$NAME and ${NAME}"),
    ("ENV A=$$", "$NAME and ${NAME}"),
    ("EXPOSE 0", "'0' is not a valid port"),
    ("EXPOSE 80:90", "is not a valid port"),
    ("EXPOSE 90-80", "is not a valid port"),
    ("EXPOSE 65536", "is not a valid port"),
    ("EXPOSE 80/icmp", "is not a valid port"),
    ("EXPOSE $NOTHING", "is not a valid port"),
    ("HEALTHCHECK x", "HEALTHCHECK CMD"),
    ("HEALTHCHECK CMD", "HEALTHCHECK CMD"),
    ("HEALTHCHECK CMD []", "empty"),
    ("HEALTHCHECK NONE x", "HEALTHCHECK CMD"),
    ("HEALTHCHECK --retries=x CMD y", "none of --interval="),
    ("HEALTHCHECK --retries=0 CMD y", "none of --interval="),
    ("HEALTHCHECK --what=1s CMD y", "none of --interval="),
    ("HEALTHCHECK --interval 1s CMD y", "none of --interval="),
    ("HEALTHCHECK --interval=5 CMD y", "--interval"),
    ("HEALTHCHECK --interval=0 CMD y", "--interval"),
    ("HEALTHCHECK --interval=1us CMD y", "--interval"),
    ("LABEL a", "LABEL NAME=VALUE"),
    ("ONBUILD ONBUILD RUN x", "can't follow ONBUILD"),
    ("ONBUILD FROM x", "can't follow ONBUILD"),
    ("VOLUME []", "no path"),
    ('VOLUME [""]', "a path is empty"),
    ("WORKDIR $NOTHING", "the path is empty"),
    (5, "neither"),
]
