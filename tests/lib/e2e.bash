# For tests/e2e/*.sh: sourced with the program and the source folder as its arguments.
set -u
moot=$(realpath "$1")
source_dir=$(realpath "$2")
scratch=$(mktemp -d)
faults=0
tmux_name="moot-test-$$"
clean_up() {
    double_close
    tmux -L "$tmux_name" kill-server 2>/dev/null
    rm -rf "$scratch"
}
trap clean_up EXIT
mkdir -p "$scratch/home"

# A bare environment: a home of its own, no terminal, no colours, no pauses in scripts.
bare() {
    env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TZ=UTC MOOT_PACE=0 \
        ${bare_more+"${bare_more[@]}"} "$@"
}

fault() {
    echo "FAULT: $*"
    faults=$((faults + 1))
}

expect() { # WHAT WANTED GOT
    [ "$2" = "$3" ] || fault "$1: wanted '$2', got '$3'"
}

contains() { # WHAT NEEDLE FILE
    grep -qF -- "$2" "$3" || fault "$1: '$2' is not in: $(head -c 2000 "$3")"
}

# What differs from run to run, replaced by what does not.
masked() {
    sed -E -e 's/\b[a-z2-7]{4}-[a-z2-7]{4}\b/7k2m-9qd4/g' -e 's/\b[a-z2-7]{4}-([0-9]+)\b/7k2m-\1/g' \
        -e 's/moot (show|result|verify|resume) [a-z2-7]{4}\b/moot \1 7k2m/g' \
        -e 's/[0-9]+\.[0-9] s\b/0.0 s/g' -e 's/(^| )[0-9]+:[0-5][0-9]:[0-5][0-9]\b/\100:00:00/g' \
        -e 's/(^| )[0-9]+:[0-5][0-9]\b/\10:00/g' -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}/2000-01-01/g' \
        -e 's/kid:[a-z2-7]{26}/kid:q4zt…/g' -e "s|$scratch|/home/lin|g" -e 's/[0-9a-f]{64}/HASH/g' \
        -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g'
}

# Compares standard input with a golden file. UPDATE=1 in the environment writes it anew.
golden() { # FILE below tests/data
    local file=$source_dir/tests/data/$1
    cat >"$scratch/got"
    if [ "${UPDATE:-}" = 1 ]; then
        mkdir -p "$(dirname "$file")"
        cp "$scratch/got" "$file"
    elif ! diff -u "$file" "$scratch/got" >"$scratch/diff"; then
        fault "tests/data/$1 (after looking at it: UPDATE=1)"
        head -60 "$scratch/diff"
    fi
}

# A double of a model's endpoint on a free port, with the options of openai_double.mjs; sets double_port.
double_open() {
    double_close
    rm -f "$scratch/double.port"
    node "$source_dir/tests/lib/openai_double.mjs" "$@" >"$scratch/double.port" &
    double_pid=$!
    local i
    for i in $(seq 200); do
        [ -s "$scratch/double.port" ] && break
        sleep 0.05
    done
    double_port=$(cat "$scratch/double.port")
    [ -n "$double_port" ] || fault "the double did not start"
}
double_close() {
    [ -z "${double_pid:-}" ] && return
    kill "$double_pid" 2>/dev/null
    wait "$double_pid" 2>/dev/null
    double_pid=
}

need() { # PROGRAM
    if ! command -v "$1" >/dev/null; then
        echo "skipped: no $1 here"
        exit 77
    fi
}

# A terminal of so many columns and rows in which commands can be typed.
screen_open() { # COLUMNS ROWS [NAME=VALUE...]
    local columns=$1 rows=$2
    shift 2
    tmux -L "$tmux_name" kill-server 2>/dev/null
    sleep 0.2
    env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TZ=UTC TERM=xterm-256color \
        tmux -L "$tmux_name" -f /dev/null new-session -d -x "$columns" -y "$rows" \
        "env TERM=tmux-256color MOOT_PACE=0 PS1='\$ ' $* bash --norc --noprofile"
    screen_until '^\$ *$' || fault "no prompt came"
}
screen_type() {
    tmux -L "$tmux_name" send-keys -l -- "$1"
    tmux -L "$tmux_name" send-keys Enter
}
screen_key() { # as tmux calls it
    tmux -L "$tmux_name" send-keys "$1"
}
screen_text() { # all of it, what scrolled away included
    tmux -L "$tmux_name" capture-pane -p -S -2000 "$@" | sed -e 's/ *$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}
screen_until() { # PATTERN: waits until a line of the screen is like that
    local i
    for i in $(seq 100); do
        tmux -L "$tmux_name" capture-pane -p -S -2000 | sed -e 's/ *$//' | grep -qE -- "$1" && return 0
        sleep 0.1
    done
    return 1
}

finish() {
    [ "$faults" -eq 0 ] || exit 1
    echo "no fault"
}
