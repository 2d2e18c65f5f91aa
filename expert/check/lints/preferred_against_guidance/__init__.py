"""A rule prefers an option that current guidance does not recommend."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Rules that conclude ``prefers`` of an option whose standing is ``not_recommended``."""
    kb = knowledge.kb
    for rule in kb.rules.values():
        for it in rule.then:
            if it.role == "prefers" and kb.options[it.target].standing == "not_recommended":
                option = kb.options[it.target]
                related = ((option.at, f"the standing of {it.target}"),)
                yield Found(f"{rule.id} prefers {it.target}, which is not recommended", rule.at, rule.id, related)
