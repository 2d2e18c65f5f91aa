"""The user's configuration: a folder whose file ``site.yaml`` is the site file used by default.

The folder is the one that EXPERT_CONFIG names, or else that of the platform, such as ``~/.config/expert`` on Linux.
"""

from __future__ import annotations

import os
from pathlib import Path

CONFIG = "EXPERT_CONFIG"


def site_file() -> Path:
    """Where the site file is, if there is one."""
    folder = os.environ.get(CONFIG)
    if folder:
        return Path(folder) / "site.yaml"
    from platformdirs import user_config_path

    return user_config_path("expert", appauthor=False) / "site.yaml"
