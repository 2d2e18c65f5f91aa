"""``python -m expert``."""

from expert.cli import main

main()
