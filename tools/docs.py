# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the site: the guides, and the documentation of all modules and roles. Fails on a warning or a broken link.

The packages of tests/requirements-docs.txt are installed once, into .cache/docs/venv. After that no network is used.
"""

from __future__ import annotations

import hashlib
import html.parser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
DOCSITE = ROOT / "docs" / "docsite"
CACHE = ROOT / ".cache" / "docs"
VENV, PAGES, SITE = CACHE / "venv", CACHE / "rst", CACHE / "html"
REQUIREMENTS = ROOT / "tests" / "requirements-docs.txt"
COLLECTIONS = ROOT / ".cache" / "collections"


def install() -> None:
    """Install into VENV what REQUIREMENTS names, with this Python."""
    stamp = VENV / "stamp"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing Sphinx and antsibull-docs into .cache/docs, once", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", "install"]
    subprocess.run([*pip, "--requirement", str(REQUIREMENTS)], check=True)
    stamp.write_text(wanted, encoding="utf-8")


def run(program: str, *argv: str | Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(CACHE / "ansible"),
        "PATH": "%s:%s" % (VENV / "bin", os.environ.get("PATH", os.defpath)),
    }
    subprocess.run([str(VENV / "bin" / program), *map(str, argv)], cwd=CACHE, env=environment, check=True)


def write_pages() -> None:
    """Antsibull writes a page for each module and role, and copies the guides; the home page is replaced by our own."""
    PAGES.mkdir(mode=0o755, exist_ok=True)
    config = ("--config-file", DOCSITE / "site" / "antsibull-docs.cfg")
    options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--cleanup", "everything", "--dest-dir", PAGES)
    run("antsibull-docs", *config, "collection", *options, "wharf.docker")
    # No plugin here declares variables, and the page about them refers to a page of Ansible's documentation.
    (PAGES / "environment_variables.rst").unlink(missing_ok=True)
    home = (DOCSITE / "site" / "index.rst").read_text(encoding="utf-8")
    (PAGES / "index.rst").write_text(home.replace("@CONTENTS@", contents(PAGES)), encoding="utf-8")
    # Pages refer to pictures by their paths in the repository, relative to docs/docsite/rst.
    pictures = CACHE / "images"
    pictures.unlink(missing_ok=True)
    pictures.symlink_to(ROOT / "docs" / "images")


def contents(pages: Path) -> str:
    """Headings with links to all pages below them; the theme also has these at the side of each page."""
    sections: dict[str, list[tuple[str, str, str]]] = {}
    for title, name in re.findall(r"- (?:title: (.+)|(\w+))$", (DOCSITE / "extra-docs.yml").read_text("utf-8"), re.M):
        if title:
            sections[title] = []
        else:
            sections[list(sections)[-1]].append(("", "docsite/" + name, ""))
    for kind in ("module", "role"):
        listed = sections.setdefault(kind.capitalize() + "s", [])
        for path in sorted(pages.glob("*_%s.rst" % kind)):
            found = re.search(r"^wharf\.docker\.(\w+) \w+ -- (.+)$", path.read_text("utf-8"), re.MULTILINE)
            if found is None:
                raise ValueError("%s has no title" % path)
            listed.append((found[1], path.stem, ": " + found[2]))
    lines: list[str] = []
    for title, listed in sections.items():
        targets = [("%s <%s>" % (name, page) if name else page, text) for name, page, text in listed]
        lines += [".. rubric:: " + title, "", *("* :doc:`%s`%s" % target for target in targets), ""]
        lines += [".. toctree::", "   :caption: " + title, "   :hidden:", ""]
        lines += [*("   " + target for target, _text in targets), ""]
    return "\n".join(lines)


class Page(html.parser.HTMLParser):
    """The targets and the links of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.links: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.targets.add(value)
            elif name in ("href", "src") and value:
                self.links.add(value)


def broken_links(site: Path) -> Iterator[str]:
    """Broken links between the pages of a site, and to their pictures."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            fragment = unquote(parts.fragment)
            if not target.exists() or (fragment and target in pages and fragment not in pages[target].targets):
                yield "%s: %s" % (path.relative_to(site), link)


def main() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    install()
    write_pages()
    shutil.rmtree(SITE, ignore_errors=True)
    run(
        "sphinx-build",
        "-W",
        "--keep-going",
        "-q",
        "-E",  # Read all pages again: cached pages don't show what conf.py does to them.
        "-j",
        "auto",
        "-c",
        DOCSITE / "site",
        "-d",
        CACHE / "doctrees",
        PAGES,
        SITE,
    )
    broken = list(broken_links(SITE))
    if broken:
        sys.exit("Links that lead nowhere:\n  " + "\n  ".join(broken))
    print("The site: %s, %d pages" % (SITE / "index.html", len(list(SITE.rglob("*.html")))))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failure:
        sys.exit("%s failed: see above." % Path(failure.cmd[0]).name)
