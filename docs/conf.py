"""How the pages of this folder become the documentation site: `make docs`."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.domains.python._object import PyObject

from memspan import __version__

project, author, release = "memspan", "The memspan developers", __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "memspan"
html_static_path = ["_static"]
html_css_files = ["memspan.css"]
html_theme_options = {"top_of_page_buttons": []}
html_show_copyright = False  # the licence is the repository's
html_copy_source = False
exclude_patterns = ["_build"]
myst_heading_anchors = 3
myst_enable_extensions = ["html_image"]
default_role = "code"  # docstrings write code between single backticks, as Markdown does

autodoc_default_options = {
    "members": True,
    "imported-members": True,
    # scikit-learn writes these methods, with references to its own manual
    "exclude-members": "set_fit_request, set_predict_request, set_score_request",
}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True


def _without_empty_last_lines(app: Sphinx, page: str, source: list[str]) -> None:
    """Cut the empty line before the end of a code block: doctest needs it there, a reader does not."""
    source[0] = source[0].replace("\n\n```\n", "\n```\n")


def setup(app: Sphinx) -> None:
    """Change what no setting of Sphinx does."""
    app.connect("source-read", _without_empty_last_lines)
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as our docstrings call them; Sphinx says variables
