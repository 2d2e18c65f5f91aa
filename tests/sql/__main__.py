"""Rewrite the kept queries."""

from pathlib import Path
from tempfile import TemporaryDirectory

from expert.sql.request import DIALECTS
from tests.sql import kept, tiny_ladder, written

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        kb = tiny_ladder(Path(folder))
        for dialect in DIALECTS:
            kept(dialect).write_text(written(kb, dialect), "utf-8")
