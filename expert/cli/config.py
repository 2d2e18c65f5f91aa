"""The user's configuration: a folder whose file ``site.yaml`` is the site file used by default.

The folder is the one that EXPERT_CONFIG names, or else that of the platform, such as ``~/.config/expert`` on Linux.
"""

from __future__ import annotations

import os
from pathlib import Path

from expert.lang.errors import InputError, Problem

CONFIG = "EXPERT_CONFIG"


def site_file() -> Path:
    """Where the site file is, if there is one."""
    folder = os.environ.get(CONFIG)
    if folder:
        return Path(folder) / "site.yaml"
    from platformdirs import user_config_path

    return user_config_path("expert", appauthor=False) / "site.yaml"


def own_site() -> str | None:
    """The site file of the user's configuration; ``None`` if there is none.

    Raises:
        InputError: EXPERT_CONFIG names a file, whose policies would not be used.
    """
    folder = os.environ.get(CONFIG, "")
    if os.path.isfile(folder):
        message = f"{CONFIG} names {folder}, which is not a folder"
        raise InputError([Problem(message, expected="a folder with a site.yaml in it; EXPERT_SITE names a site file")])
    own = site_file()
    return str(own) if os.path.lexists(own) else None
