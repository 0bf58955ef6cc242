"""How the pages of this folder become the documentation site: `make docs`."""

from __future__ import annotations

from memspan import __version__

project, author, release = "memspan", "The memspan developers", __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "memspan"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
myst_enable_extensions = ["html_image"]
default_role = "code"  # docstrings write code between single backticks, as Markdown does

autodoc_default_options = {"members": True, "imported-members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
