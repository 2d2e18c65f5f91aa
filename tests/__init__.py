"""The tests. Whatever they start has no configuration, that of the developer least of all."""

from __future__ import annotations

import os

NO_CONFIG = "/no/configuration"

os.environ["EXPERT_CONFIG"] = NO_CONFIG
