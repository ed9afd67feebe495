#!/bin/bash
# The frozen vectors and journal, judged by a verifier that shares no code with the program, and the two
# verifiers compared on changed copies.
#   vectors.sh MOOT SOURCE        CHANGES: how many copies (90)
set -u
moot=$(realpath "$1")
vectors=$2/tests/vectors
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: the independent verifier needs node and npm, and one is not here"
    exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp "$vectors"/*.mjs "$vectors"/*.json "$vectors"/*.jsonl "$work" || exit 1
cd "$work" || exit 1
export HOME=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config
if [ -d "$vectors/node_modules" ]; then
    cp -r "$vectors/node_modules" .
elif ! npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1; then
    echo "skipped: npm cannot install what the independent verifier stands on:"
    tail -5 npm.log
    exit 77
fi

faults=0
# expect EXIT FILE TEXT: both verifiers must exit with EXIT
expect() {
    local exit
    node verify.mjs "$2" >out 2>&1
    exit=$?
    [ "$exit" -eq "$1" ] || { echo "$3: the independent verifier exits $exit and not $1: $(cat out)"; faults=1; }
    "$moot" verify "$2" >out 2>&1
    exit=$?
    [ "$exit" -eq "$1" ] || { echo "$3: moot verify exits $exit and not $1: $(cat out)"; faults=1; }
}
expect 0 journal.jsonl "the frozen journal"
sed 's/chairs/tables/' journal.jsonl >edited.jsonl
expect 4 edited.jsonl "a body edited"
sed '5d' journal.jsonl >deleted.jsonl
expect 4 deleted.jsonl "a message deleted"
head -n 12 journal.jsonl >cut.jsonl
expect 5 cut.jsonl "the end cut off"
sed 's/"of":5/"of": 5/' journal.jsonl >spaced.jsonl
expect 7 spaced.jsonl "a space added"

# By hand, as docs/security.md says: an id is the BLAKE2b-256 of a statement's bytes.
statement=$(sed -n 4p journal.jsonl | sed 's/.*"statement":\(.*\)}$/\1/')
id=$(printf '%s' "$statement" | b2sum -l 256 | cut -d' ' -f1)
grep -q "\"id\": \"$id\"" vectors.json || { echo "b2sum gives another id: $id"; faults=1; }

node compare.mjs "$moot" "${CHANGES:-90}" || faults=1
exit $faults
