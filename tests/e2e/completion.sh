#!/bin/bash
# What a TAB does in each shell that there is a completion for.
#   completion.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
need tmux
tried=0

mkdir -p "$scratch/bin" "$scratch/case/functions"
ln -s "$moot" "$scratch/bin/moot"
cd "$scratch/case" || exit 1
cp "$source_dir/examples/hello/"*.yaml .
PATH=$scratch/bin:$PATH

here() { # SHELL
    command -v "$1" >/dev/null && tried=$((tried + 1)) && return
    echo "SKIPPED for $1: it is not here"
    return 1
}

# Types a line and TAB into a shell that was made ready; the screen must then hold what was wanted.
tab() { # WHAT SHELL SETUP TYPED PATTERN
    tmux -L "$tmux_name" kill-server 2>/dev/null
    sleep 0.2
    env -i HOME="$scratch/home" PATH="$scratch/bin:/usr/bin:/bin" LC_ALL=C.UTF-8 TERM=xterm-256color \
        tmux -L "$tmux_name" -f /dev/null new-session -d -x 100 -y 30 "env TERM=tmux-256color $2"
    screen_until '[#$%>] *$' || fault "$1: no prompt came"
    screen_type "$3"
    screen_type "echo rea''dy"
    screen_until '^ready$' || fault "$1: it did not get ready"
    tmux -L "$tmux_name" send-keys -l -- "$4"
    tmux -L "$tmux_name" send-keys Tab
    screen_until "$5" || fault "$1: '$4' TAB did not give '$5': $(screen_text | tail -8)"
}

each() { # SHELL COMMAND SETUP
    tab "$1: a command" "$2" "$3" 'moot verif' 'moot verify'
    tab "$1: an option" "$2" "$3" 'moot run --mod' 'moot run --model'
    tab "$1: a crew file" "$2" "$3" 'moot run hel' 'moot run hello.yaml'
}

here bash && each bash 'bash --norc --noprofile' 'source <(moot completion bash)'
if here zsh; then
    moot completion zsh >functions/_moot
    each zsh 'zsh -f' 'autoload -Uz compinit; compinit -u; source <(moot completion zsh)'
    tab 'zsh, from a folder of functions' 'zsh -f' \
        "fpath=($scratch/case/functions \$fpath); autoload -Uz compinit; compinit -u -D" \
        'moot verif' 'moot verify'
fi
if here fish; then
    moot completion fish >moot.fish
    offered() { fish --no-config -c "source moot.fish; complete -C '$1'" | cut -f1 | tr '\n' ' '; }
    expect "fish: a command" "verify " "$(offered 'moot verif')"
    expect "fish: an option" "--model " "$(offered 'moot run --mod')"
    expect "fish: a crew file" "hello.yaml " "$(offered 'moot run hel')"
fi
[ "$tried" -gt 0 ] || exit 77
finish
