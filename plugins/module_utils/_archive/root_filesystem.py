# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an archive is one that an engine can import as an image's file system. Pure.

Engines import an archive of images (``docker save``) as a file system, whose files are then manifests and layers. They
refuse members of unknown types after the archive has been sent, with nothing but the number of the type.
"""

from __future__ import annotations

import re
from typing import Mapping

from ansible_collections.wharf.docker.plugins.module_utils._archive.tar import Member

# Files, hard and symbolic links, devices, directories, and pipes: all types that an engine unpacks.
_KNOWN = frozenset(b"\0000123456")
# The options of GNU tar that write members of other types.
_OPTIONS: Mapping[int, str] = {
    ord("S"): "files with holes as tar writes them with --sparse (-S)",
    ord("V"): "a volume label, which tar writes with --label (-V)",
    ord("M"): "a part of a file, which tar writes with --multi-volume (-M)",
    ord("D"): "lists of what directories had, which tar writes with --incremental (-G) or --listed-incremental (-g)",
}
# The contents of archives of images: the descriptions of the images, and their layers, one file each.
_DESCRIPTION = re.compile(rb"(manifest|index)\.json|oci-layout|repositories")
_LAYER = re.compile(rb"[^/]+/layer\.tar|[^/]+\.tar(\.gz)?|blobs/[^/]+/[^/]+")
_FURTHER = re.compile(rb"[^/]+\.json|[^/]+/(VERSION|json)|sha256:[0-9a-f]+")
_FOLDER = re.compile(rb"\.?|[0-9a-f]{64}|blobs|blobs/[^/]+")


class Use:
    """Examines the members of an archive, in order; ``unpacked`` is the total size of their files in bytes."""

    def __init__(self) -> None:
        self.unpacked = 0
        # Why an engine refuses the archive, as a text that follows its name ("has ..."); "" if it does not.
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
        """The kind of an archive of images, "docker" or "oci"; "" if it is not such an archive."""
        if self._other or not self._layers or not self._described:
            return ""
        return "docker" if self._docker else "oci" if self._oci else ""
