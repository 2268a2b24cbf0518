"""The scripts that a shell evaluates once; at each Tab they ask `synthsweep --complete WORDS`."""

from synthsweep.cli.completion.candidates import SHELLS, candidates
from synthsweep.errors import ConfigError

ASK = "--complete"
FLAGS = ("--shell-completion", "-sc")

# Bash takes a part of a word after = or : as a word of its own, so what stands before it is left out of its answers.
BASH = r"""_synthsweep() {
    local line=${COMP_LINE:0:COMP_POINT} words current before found=()
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    current=${words[-1]}
    before=${current%"${current##*[$COMP_WORDBREAKS]}"}
    mapfile -t found < <("${words[0]}" --complete "${words[@]:1}" 2> /dev/null)
    found=("${found[@]%%$'\t'*}")
    COMPREPLY=("${found[@]#"$before"}")
    [[ ${found[*]} == *[=.] ]] && compopt -o nospace
}
complete -o default -F _synthsweep synthsweep
"""
ZSH = r"""_synthsweep() {
    local -a found shown names
    local one
    found=("${(@f)$("${words[1]}" --complete "${(@)words[2,CURRENT]}" 2> /dev/null)}")
    for one in $found; do
        names+=("${one%%$'\t'*}")
        shown+=("${one//$'\t'/  }")
    done
    if (( $#names )); then
        local -a open=("${(@M)names:#*[=.]}") whole=("${(@)names:#*[=.]}")
        (( $#open )) && compadd -S '' -l -d shown -a names && return
        compadd -l -d shown -a whole
    else
        compset -P '*='
        _files
    fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _synthsweep synthsweep
"""
FISH = r"""function __synthsweep
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] --complete $words[2..] "$current" 2> /dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else if string match -q '*=*' -- $current
        set -l before (string replace -r '=.*' '=' -- $current)
        printf "$before%s\n" (__fish_complete_path (string replace -r '^[^=]*=' '' -- $current))
    end
end
complete -c synthsweep -f -k -a '(__synthsweep)'
"""
SCRIPTS = dict(zip(SHELLS, (BASH, ZSH, FISH), strict=True))
REMOVALS = {
    "bash": "complete -r synthsweep\n",
    "zsh": "compdef -d synthsweep\n",
    "fish": "complete -c synthsweep -e\n",
}


def script(word: str) -> str:
    """The script of a shell; `word` is its name, or Hydra's `install=NAME` or `uninstall=NAME`.

    Raises:
        ConfigError: there is no such shell.
    """
    doing, _, shell = word.rpartition("=")
    scripts = {"": SCRIPTS, "install": SCRIPTS, "uninstall": REMOVALS}.get(doing)
    if scripts is None or shell not in scripts:
        raise ConfigError(f"--shell-completion must be one of {', '.join(SHELLS)}, got {word or 'nothing'}")
    return scripts[shell]


def answers(words: list[str]) -> str:
    """The answer to `--complete WORDS`: a line per candidate, with its meaning after a tab."""
    return "".join(f"{name}\t{meaning}\n" if meaning else f"{name}\n" for name, meaning in candidates(words))
