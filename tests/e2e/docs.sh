#!/bin/bash
# Runs every command line of the documents, in order, each document in a folder of its own.
#   docs.sh MOOT SOURCE
#
# ```sh          is run, line by line; each line must end with exit 0
# ```yaml        after <!-- file: NAME --> is saved under that name
# <!-- needs a model -->   before a block: it is run against a double on the loopback
# <!-- waits for a person --> before a block: a line of it may end with exit 10
# <!-- not run: WHY -->    before a block: it is not run, and counted
# A document in examples/X runs in a copy of that folder; others find shop.html, a page.
set -u
moot=$(realpath "$1") source_dir=$(realpath "$2")
scratch=$(mktemp -d) || exit 1
double_pid=
finish() {
    [ -n "$double_pid" ] && kill "$double_pid" 2>/dev/null
    rm -rf "$scratch"
}
trap finish EXIT
export HOME=$scratch/home XDG_STATE_HOME=$scratch/state XDG_CONFIG_HOME=$scratch/config
export MOOT_PACE=0 NO_COLOR=1
unset MOOT_MODEL OPENAI_API_KEY OPENAI_BASE_URL OLLAMA_HOST
mkdir -p "$HOME" "$scratch/bin"
ln -s "$moot" "$scratch/bin/moot"
PATH=$scratch/bin:$PATH

double_url=
if command -v node >/dev/null && [ -f "$source_dir/tests/lib/openai_double.mjs" ]; then
    # Long enough for a mail of the promoter.
    node "$source_dir/tests/lib/openai_double.mjs" --text "$(printf 'word %.0s' $(seq 130))" \
        >"$scratch/double.out" 2>"$scratch/double.err" &
    double_pid=$!
    for _ in $(seq 100); do
        port=$(head -1 "$scratch/double.out")
        [ -n "$port" ] && break
        sleep 0.05
    done
    [ -n "$port" ] && double_url=http://127.0.0.1:$port
fi
if [ -z "$double_url" ]; then
    echo "skipped: no node, no double to answer for a model"
    exit 77
fi

ran=0 left=0 failed=0

run_block() { # FOLDER DOC LINE FILE MODEL|WAITS|
    local line number=$3
    while IFS= read -r line; do
        number=$((number + 1))
        [ -n "$line" ] || continue
        local env=()
        # Nobody can be asked here whether a crew is trusted.
        line=${line/#moot run */$line --trust}
        if [ "$5" = model ]; then
            env=(OPENAI_BASE_URL="$double_url/v1" OPENAI_API_KEY=test-key OLLAMA_HOST="$double_url")
        fi
        (cd "$1" && env "${env[@]}" bash -c "$line" </dev/null) >"$scratch/out" 2>&1
        local code=$?
        # A double never says that it is done: a conversation ends at a limit, or gets nowhere.
        if [ $code -eq 0 ] || { [ "$5" = waits ] && [ $code -eq 10 ]; } ||
            { [ "$5" = model ] && [ $code -ge 8 ] && [ $code -le 10 ]; }; then
            ran=$((ran + 1))
        else
            echo "$2:$number: exit $code of: $line"
            tail -15 "$scratch/out"
            failed=$((failed + 1))
        fi
    done <"$4"
}

cd "$source_dir" || exit 1
for doc in README.md docs/*.md examples/*/README.md; do
    grep -q '^```sh' "$doc" || continue
    folder=$scratch/$(echo "$doc" | tr / _)
    case $doc in
    examples/*) cp -r "$(dirname "$doc")" "$folder" ;;
    *)
        mkdir -p "$folder"
        cp examples/shopify-promoter/storefronts/odd-thursday.html "$folder/shop.html"
        ;;
    esac
    marker='' kind='' start=0 n=0
    while IFS= read -r line; do
        n=$((n + 1))
        if [ -n "$kind" ]; then
            if [ "$line" = '```' ]; then
                case $kind:$marker in
                yaml:file:*) cp "$scratch/block" "$folder/${marker#file: }" ;;
                sh:'not run'*) left=$((left + 1)) ;;
                sh:'needs a model')
                    run_block "$folder" "$doc" "$start" "$scratch/block" model ;;
                sh:'waits for a person')
                    run_block "$folder" "$doc" "$start" "$scratch/block" waits ;;
                sh:*) run_block "$folder" "$doc" "$start" "$scratch/block" '' ;;
                esac
                kind='' marker=''
            else
                echo "$line" >>"$scratch/block"
            fi
            continue
        fi
        case $line in
        '<!-- '*' -->') marker=${line#<!-- } marker=${marker% -->} ;;
        '```'?*) kind=${line#\`\`\`} start=$n; : >"$scratch/block" ;;
        '```') kind=plain; : >"$scratch/block" ;;
        '') ;;
        *) marker='' ;;
        esac
    done <"$doc"
done
echo "docs: $ran command lines ran, $failed failed, $left blocks not run"
[ $failed -eq 0 ] && [ $ran -gt 0 ]
