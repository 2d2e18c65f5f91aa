"""Completion of words in a shell: the script that a shell reads, and the answer when it asks.

A shell asks by running ``expert`` with variables: its name, the words before the cursor, a line each, and the word at
the cursor. The answer is a line for each candidate: its kind (see `expert.cli.candidates`), the word, and what it is,
with tabs between. If anything goes wrong, the answer has no candidates, and there is no message.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr

import click

from expert.cli.candidates import FILE

SHELL = "_EXPERT_COMPLETE"
BEFORE, WORD, BREAKS = "_EXPERT_WORDS", "_EXPERT_WORD", "_EXPERT_BREAKS"

_BASH = """\
_expert_completion() {
    local IFS=$'\\n' line kind value files=
    COMPREPLY=()
    for line in $(_EXPERT_COMPLETE=bash _EXPERT_WORDS="${COMP_WORDS[*]:0:COMP_CWORD}" \\
            _EXPERT_WORD="${COMP_WORDS[COMP_CWORD]}" _EXPERT_BREAKS="$COMP_WORDBREAKS" "$1" 2> /dev/null); do
        IFS=$'\\t' read -r kind value _ <<< "$line"
        case $kind in
            file) files=yes ;;
            open) COMPREPLY+=("$value"); compopt -o nospace ;;
            *) COMPREPLY+=("$value") ;;
        esac
    done
    if [[ $files && ${#COMPREPLY[@]} -eq 0 ]]; then
        compopt -o default
    elif [[ $files ]]; then
        compopt -o filenames
        COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
    fi
}
complete -o nosort -F _expert_completion expert
"""

_ZSH = """\
#compdef expert
_expert_completion() {
    local line files
    local -a fields whole open
    for line in "${(@f)$(_EXPERT_COMPLETE=zsh _EXPERT_WORDS="${(F)words[1,CURRENT-1]}" _EXPERT_WORD="$PREFIX" \\
            $words[1] 2> /dev/null)}"; do
        fields=("${(@ps:\\t:)line}")
        case $fields[1] in
            file) files=yes ;;
            open) open+=("${fields[2]//:/\\\\:}:$fields[3]") ;;
            plain) whole+=("${fields[2]//:/\\\\:}:$fields[3]") ;;
        esac
    done
    (( $#whole )) && _describe -V 'words' whole
    (( $#open )) && _describe -V 'findings' open -S ''
    [[ -n $files ]] && _files
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _expert_completion "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _expert_completion expert
fi
"""

_FISH = """\
function __expert_completion
    set -l word (commandline -ct)
    set -l answer (_EXPERT_COMPLETE=fish _EXPERT_WORDS=(commandline -opc | string collect) _EXPERT_WORD="$word" \\
        expert 2> /dev/null)
    for line in $answer
        set -l fields (string split \\t -- $line)
        if test "$fields[1]" = file
            __fish_complete_path "$word"
        else
            printf '%s\\t%s\\n' $fields[2] "$fields[3]"
        end
    end
end
complete --command expert --no-files --arguments '(__expert_completion)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""The script of each shell."""


@click.command(
    help="""Print the script that completes commands, findings, values, steps and ids with the Tab key.

    \\b
    Example:
      eval "$(expert completion bash)"                         in ~/.bashrc
      eval "$(expert completion zsh)"                          in ~/.zshrc
      expert completion fish > ~/.config/fish/completions/expert.fish
    """
)
@click.argument("shell", type=click.Choice([*SCRIPTS]))
def completion(shell: str) -> None:
    click.echo(SCRIPTS[shell], nl=False)


def answer_shell(environment: Mapping[str, str]) -> None:
    """Print the candidates for the word at the cursor."""
    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
        try:
            lines = candidates(environment)
        except Exception:
            lines = []
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def candidates(environment: Mapping[str, str]) -> list[str]:
    """The lines of an answer; of bash, without what its word at the cursor does not have."""
    from click.shell_completion import ShellComplete

    from expert.cli.commands import expert

    raw = [*environment.get(BEFORE, "").splitlines(), environment.get(WORD, "")]
    *before, word = _joined(raw, environment.get(BREAKS, ""))
    args = [_unquoted(it) for it in before[1:]]
    word = _unquoted(word)
    found = ShellComplete(expert, {}, "expert", SHELL).get_completions(args, word)
    if not found and args and "=" not in word:
        return [f"{FILE}\t{word}\t"]
    option = word[: word.index("=") + 1] if word.startswith("-") and "=" in word else ""
    cut = 1 + max(word.rfind(it) for it in "=:") if environment[SHELL] == "bash" else 0
    return [f"{it.type}\t{f'{option}{it.value}'[cut:]}\t{it.help or ''}" for it in found]


def _joined(words: Sequence[str], breaks: str) -> list[str]:
    """The words of a command line, of which a shell makes several where a character breaks words."""
    found: list[str] = []
    for place, word in enumerate(words):
        ends = [word[:1], words[place - 1][-1:]] if place else []
        if any(it and it in "=:" and it in breaks for it in ends):
            found[-1] += word
        else:
            found.append(word)
    return found


def _unquoted(word: str) -> str:
    """A word as a shell passes it on; a quote may not be closed yet."""
    from click.shell_completion import split_arg_string

    return "".join(split_arg_string(word))
