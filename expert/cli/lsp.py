"""The command that serves an editor."""

from __future__ import annotations

import click

from expert.cli.knowledge import holding
from expert.lang.errors import require


@click.command(
    help="""Serve an editor, over standard input and output (the Language Server Protocol).

    Your editor starts it: docs/engineers.md has the settings for VS Code, Neovim and Helix. It needs
    pip install 'expert-ladder[lsp]'.
    """
)
@click.option("--stdio", is_flag=True, hidden=True, expose_value=False, help="Some editors add it; it is always so.")
def lsp() -> None:
    require("lsp", "lsp", "pygls", "lsprotocol")
    from expert.lsp.server import serve

    serve(holding)
