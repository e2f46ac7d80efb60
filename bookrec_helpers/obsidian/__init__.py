"""Notes for Obsidian: a whole notebook, or the cells that one key copies.

The package itself stays light, since JupyterLab's server and every kernel that loads
the magic import it: the exporter is imported when it is first needed.
"""


def load_ipython_extension(ipython) -> None:
    """Add the cell magic `%%note`; called by `%load_ext bookrec_helpers.obsidian`."""
    from bookrec_helpers.obsidian.magic import note

    ipython.register_magic_function(note, "cell", "note")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Where Jupyter's server finds the address that "Copy for Obsidian" asks."""
    return [{"module": "bookrec_helpers.obsidian.server"}]
