# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx builds the site: see tools/docs.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
VERSION = re.findall(r"^version: (.+)$", (HERE.parents[2] / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)[0]

project = "wharf.docker"
copyright = "wharf.docker contributors"  # noqa: A001 (Sphinx calls it so)
release = VERSION

extensions = ["sphinx_antsibull_ext"]
nitpicky = True
default_role = "any"
highlight_language = "YAML+Jinja"
smartquotes_action = "qe"  # The two dashes of an option stay two.
antsibull_ext_color_scheme = "none"  # site.css has colours that follow the theme's switch

html_theme = "furo"
html_title = "wharf.docker " + VERSION
html_static_path = [str(HERE / "_static")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_theme_options = {
    "source_repository": "https://github.com/wharf-docker/wharf.docker/",
    "footer_icons": [],
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#6cb6ff", "color-brand-content": "#6cb6ff"},
}
pygments_style = "ansible"
pygments_dark_style = "github-dark"

# Sections of Ansible's own documentation that the pages of modules refer to.
ANSIBLE = "https://docs.ansible.com/ansible/latest/"
SECTIONS = {"common_return_values": "reference_appendices/common_return_values.html"}


def find_in_ansible(app: Any, env: Any, node: Any, content: Any) -> Any:
    """A link to the documentation of Ansible, for what is a part of that and not of this site."""
    from docutils import nodes

    target = str(node.get("reftarget", ""))
    found = re.fullmatch(r"ansible_collections\.(\w+)\.(\w+)\.(\w+_(?:module|plugin|role|filter|lookup))", target)
    if found:
        path = "collections/%s/%s/%s.html" % found.groups()
    elif target in SECTIONS:
        path = SECTIONS[target]
    else:
        return None
    return nodes.reference("", "", content, internal=False, refuri=ANSIBLE + path)


def without_contents(app: Any, doctree: Any) -> None:
    """The theme has a table of contents at the side: the one in the page would be the second."""
    from docutils import nodes

    for topic in list(doctree.findall(nodes.topic)):
        if "contents" in topic["classes"]:
            topic.parent.remove(topic)
    for title in doctree.findall(nodes.title):
        title.attributes.pop("refid", None)  # Of a heading, the link back to that table.
        for text in list(title.findall(nodes.Text)):
            if text.parent is title:
                title.replace(text, nodes.Text(text.replace(" -- ", " – ")))


def setup(app: Any) -> None:
    app.connect("doctree-read", without_contents)
    app.connect("missing-reference", find_in_ansible)
