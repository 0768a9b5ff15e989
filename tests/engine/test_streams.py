# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Response streams of a real engine: not packed, and read the same whether they have chunks or a length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from between import between

WORDS = "one\ntwo\n"


@pytest.fixture(scope="module", params=[False, True], ids=["frames", "terminal"])
def talker(request: pytest.FixtureRequest, client: Any, image: str) -> Iterator[str]:
    found = client.create_container(image, ["sh", "-c", "echo one; echo two"], tty=request.param)["Id"]
    client.start(found)
    client.wait(found)
    yield found
    client.remove_container(found)


def with_a_length(answer: bytes) -> bytes:
    """The same answer, with its length instead of chunks."""
    head, _blank, body = answer.partition(b"\r\n\r\n")
    text = b""
    while body:
        size, _end, body = body.partition(b"\r\n")
        text, body = text + body[: int(size, 16)], body[int(size, 16) + 2 :]
    head = head.replace(b"Transfer-Encoding: chunked", b"Content-Length: %d" % len(text))
    return head + b"\r\n\r\n" + text


@pytest.mark.parametrize("options", [{}, {"wait_for": "two"}, {"timestamps": True, "wait_for": "two"}], ids=str)
def test_a_log_with_a_length(options: dict[str, Any], engine: Any, run: Any, talker: str) -> None:
    direct = run("container_logs", name=talker, **options)
    with between(engine.url) as proxy:
        proxy.lie("/logs", with_a_length)
        assert run("container_logs", docker_host=proxy.url, name=talker, **options) == direct
        proxy.honest()
        proxy.lie("/logs", lambda answer: with_a_length(answer)[:-3])
        if options:
            return  # What is missing comes after the line.
        failed = run("container_logs", expect="failed", docker_host=proxy.url, name=talker)
        assert "broke in the middle of its answer" in failed["msg"]


def test_a_log_in_a_file_with_a_length(engine: Any, run: Any, talker: str, tmp_path: Path) -> None:
    dest = str(tmp_path / "web.log")
    with between(engine.url) as proxy:
        proxy.lie("/logs", with_a_length)
        run("container_logs", expect="changed", docker_host=proxy.url, name=talker, dest=dest)
    run("container_logs", expect="ok", name=talker, dest=dest)
    assert Path(dest).read_text(encoding="utf-8").split() == WORDS.split()


def test_an_archive_is_not_packed_by_the_engine(
    engine: Any, run: Any, client: Any, name: str, talker: str, tmp_path: Path
) -> None:
    """It would take several times as long, and what it packs is unpacked here."""
    client.create_volume(name)
    heads: list[bytes] = []

    def seen(answer: bytes) -> bytes:
        heads.append(answer.partition(b"\r\n\r\n")[0].lower())
        return answer

    with between(engine.url) as proxy:
        proxy.lie("(GET .*/archive|/export|/logs)", seen)
        common = {"docker_host": proxy.url}
        run("volume_export", name=name, dest=str(tmp_path / "volume.tar"), **common)
        run("container_export", name=talker, dest=str(tmp_path / "container.tar"), **common)
        run("container_logs", name=talker, **common)
    assert len(heads) == 3
    assert all(b"content-encoding" not in head for head in heads)
