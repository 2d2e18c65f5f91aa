"""The standing of an option rests on nothing but claims."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint


@lint("error")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Options that are supported or not recommended today, and cite no more than the source of the ladder."""
    kb = knowledge.kb
    for option in kb.options.values():
        if option.standing != "optional" and all(kb.references[it].kind == "claim" for it in option.cite):
            standing = option.standing.replace("_", " ")
            yield Found(f"{option.name} is {standing}, but cites claims only", option.at, option.name)
