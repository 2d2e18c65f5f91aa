"""The name of the knowledge, of a rule file or of a worked patient is not in kebab-case."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.errors import Location, quoted
from expert.read.fields import is_named
from expert.read.source import Scalar, location


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """The name in ``knowledge.yaml``, and names of files in folders."""
    name = knowledge.about["name"]
    if isinstance(name, Scalar) and not is_named(name.text, "kebab-case"):
        yield Found(f"{quoted(name.text)} is not in kebab-case", location(name), "name")
    for file in knowledge.sources:
        path = PurePosixPath(file.removeprefix(f"{knowledge.folder}/"))
        stem = path.name.removesuffix(".yaml").removesuffix(".test")
        if len(path.parts) > 1 and not is_named(stem, "kebab-case"):
            tree = knowledge.trees.get(file)
            yield Found(f"{quoted(stem)} is not in kebab-case", Location(file, tree.line if tree else 1), str(path))
