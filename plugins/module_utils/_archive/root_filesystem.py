# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a whole archive is one that an engine makes an image's file system of. Pure.

Engines take an archive of images (``docker save``) for a file system, whose files are then manifests and layers. They
refuse members of types that they do not know with a number, after the archive has been sent.
"""

from __future__ import annotations

import re
from typing import Mapping

from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import Member

# Files, hard and symbolic links, devices, directories, and pipes: all types of which an engine makes something.
_KNOWN = frozenset(b"\0000123456")
# The options of GNU tar that write the other ones.
_OPTIONS: Mapping[int, str] = {
    ord("S"): "files with holes as tar writes them with --sparse (-S)",
    ord("V"): "a volume label, which tar writes with --label (-V)",
    ord("M"): "a part of a file, which tar writes with --multi-volume (-M)",
    ord("D"): "lists of what directories had, which tar writes with --incremental (-G) or --listed-incremental (-g)",
}
# What archives of images consist of: the descriptions of the images, and their layers, one file each.
_DESCRIPTION = re.compile(rb"(manifest|index)\.json|oci-layout|repositories")
_LAYER = re.compile(rb"[^/]+/layer\.tar|[^/]+\.tar(\.gz)?|blobs/[^/]+/[^/]+")
_FURTHER = re.compile(rb"[^/]+\.json|[^/]+/(VERSION|json)|sha256:[0-9a-f]+")
_FOLDER = re.compile(rb"\.?|[0-9a-f]{64}|blobs|blobs/[^/]+")


class Use:
    """Looks at the members of an archive, in order; ``unpacked`` is how many bytes their files have together."""

    def __init__(self) -> None:
        self.unpacked = 0
        # Why an engine refuses it, in words that follow its name ("has ..."); "": it doesn't.
        self.refused = ""
        self._described = self._layers = self._other = False
        self._oci = self._docker = False

    def see(self, member: Member) -> None:
        self.unpacked += member.size
        if member.kind not in _KNOWN and not self.refused:
            what = _OPTIONS.get(member.kind)
            if what is None:
                self.refused = "has a member of the type %r, which engines can't unpack: make it without" % chr(
                    member.kind
                )
            else:
                self.refused = "has %s, and engines can't unpack that: make the archive without this option" % what
        name = b"/".join(part for part in member.name.split(b"/") if part not in (b"", b"."))
        if member.kind == ord("5") or member.name.endswith(b"/"):
            self._other = self._other or not _FOLDER.fullmatch(name)
            return
        self._docker = self._docker or name in (b"manifest.json", b"repositories")
        self._oci = self._oci or name == b"oci-layout"
        if _DESCRIPTION.fullmatch(name):
            self._described = True
        elif _LAYER.fullmatch(name):
            self._layers = True
        elif not _FURTHER.fullmatch(name):
            self._other = True

    @property
    def images(self) -> str:
        """What kind of archive of images it is: "docker", "oci", or "" where it is none."""
        if self._other or not self._layers or not self._described:
            return ""
        return "docker" if self._docker else "oci" if self._oci else ""
