#!/bin/bash
# moot experiment: claimed against true, in copies of the workspace, within limits, resumable.
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
need bwrap
cd "$scratch" || exit 1
mkdir -p ws
echo "keep me" >ws/note.txt
ln -s /etc ws/outside
cat >crew.yaml <<'E2'
crew: poet
models: {default: scripted/good.yaml}
agents:
  poet: {role: Poet, tools: [write_file, read_file], workspace: ws}
tasks:
  poem: {prompt: "A poem about {topic}", agent: poet, output_file: result.txt}
E2
cat >good.yaml <<'E2'
- {task: poem, calls: [{name: write_file, arguments: {path: note.txt, text: "Socks in threes"}}]}
- {task: poem, reply: "I wrote it into note.txt."}
E2
cat >boast.yaml <<'E2'
- {task: poem, reply: "I wrote it into note.txt, and it is wonderful."}
E2
cat >experiment.yaml <<'E2'
experiment: Does the poet write?
crew: crew.yaml
input: {topic: socks}
seed: 7
repeats: 2
variants:
  plain: {}
  boastful: {models: {default: scripted/boast.yaml}}
success:
  - {file: note.txt}
  - {command: [grep, -q, Socks, note.txt]}
E2

bare "$moot" check experiment.yaml >out 2>&1
expect "check" "experiment.yaml: no fault" "$(cat out)"
bare "$moot" experiment experiment.yaml >out 2>err
expect "exit of one that is not trusted" 2 $?
bare "$moot" experiment experiment.yaml --trust >out 2>err
expect "exit" 0 $?
grep -v '·' out | cut -c1-25 | sed 's/ *$//' >heads
cat >wanted <<'E2'
Does the poet write?

variant   claimed  true
plain         2/2   2/2
boastful      2/2   0/2
E2
grep -vE '^  ' heads | diff wanted - || fault "the table: $(cat out)"
contains "a false claim stands out" "claimed, not true: 2" out
contains "few runs" "anecdote: 2 runs" out

# in turn: plain/1 boastful/1 plain/2 boastful/2
expect "order" "plain/1 boastful/1 plain/2 boastful/2" \
    "$(grep -oE '^(plain|boastful)/[0-9]' err | tr '\n' ' ' | sed 's/ $//')"

# the user's own workspace is as it was; each run had a copy, links as links
expect "the workspace" "keep me" "$(cat ws/note.txt)"
[ -e result.txt ] && fault "a result was written beside the crew file"
folder=$(echo .moot/experiments/*)
expect "what a run left" "Socks in threes" "$(cat "$folder/plain/1/workspace/note.txt")"
expect "what the other left" "keep me" "$(cat "$folder/boastful/1/workspace/note.txt")"
[ -e "$folder/plain/1/workspace/result.txt" ] || fault "output_file is not in the copy"
[ -L "$folder/plain/1/workspace/outside" ] || fault "a link was followed"
expect "nothing is left in the cache" "" "$(ls "$scratch/home/.cache/folkmoot/experiments" 2>/dev/null)"

# each run is a run
id=$(basename "$folder")
bare "$moot" show "$id/plain/1" >out 2>&1 || fault "show: $(cat out)"
contains "show" "I wrote it into note.txt." out
bare "$moot" verify "$id/boastful/2" >out 2>&1 || fault "verify: $(cat out)"

# a repeat has the same seed in each variant, and another one in the next
seed() { bare "$moot" show "$id/$1" --json | head -1 | grep -oE '"seed":[0-9]+'; }
expect "seeds of a repeat" "$(seed plain/1)" "$(seed boastful/1)"
[ "$(seed plain/1)" != "$(seed plain/2)" ] || fault "two repeats have the same seed"

bare "$moot" experiment experiment.yaml --diff plain/1 boastful/1 >out 2>&1 || fault "diff: $(cat out)"
contains "diff, left" "write_file" out
contains "diff, right" "wonderful" out
bare "$moot" experiment experiment.yaml --diff plain/1 plain/2 >out 2>&1
contains "diff of the same" "are the same" out
bare "$moot" experiment experiment.yaml --diff plain/1 nobody/1 >out 2>&1
expect "diff of nothing" 2 $?

# looked at again, and with more repeats
bare "$moot" experiment experiment.yaml --resume --json >out.json 2>err || fault "resume: $(cat err)"
expect "json" "2 0 2" "$(python3 -c '
import json
rows = json.load(open("out.json"))["variants"]
print(rows[0]["true"]["runs"], rows[1]["true"]["runs"], rows[1]["claimed_not_true"])')"
sed -i 's/repeats: 2/repeats: 3/' experiment.yaml
bare "$moot" experiment experiment.yaml --resume --trust >out 2>err || fault "more: $(cat err)"
expect "what was missing" "plain/3 boastful/3" \
    "$(grep -oE '^(plain|boastful)/[0-9]' err | tr '\n' ' ' | sed 's/ $//')"
sed -i 's/write?/write it?/; s/socks/shoes/' experiment.yaml
bare "$moot" experiment experiment.yaml --resume --trust >out 2>err
expect "one that has changed" 2 $?
contains "one that has changed" "has changed since" err

# never more than limits.total: what is reserved counts, not what was hoped for
total() { python3 -c '
import json, sys
print(json.load(open("out.json"))["tokens"])'; }
# (a call reserves the 4096 tokens that its reply may have)
for limit in 1000 4200 4500; do
    sed -i '/^limits/d' experiment.yaml
    echo "limits: {total: {tokens: $limit}}" >>experiment.yaml
    bare "$moot" experiment experiment.yaml --trust --json >out.json 2>err
    expect "exit at the limit of $limit" 8 $?
    [ "$(total)" -le "$limit" ] || fault "$(total) tokens of $limit"
done
sed -i '/^limits/d' experiment.yaml

# ctrl-C leaves what was done, and resume goes on with what is missing
cat >slow.yaml <<'E2'
pace: 400ms
replies:
  - {task: poem, calls: [{name: write_file, arguments: {path: note.txt, text: "Socks in threes"}}]}
  - {task: poem, reply: "I wrote it into note.txt."}
E2
sed -e 's/good.yaml/slow.yaml/' crew.yaml >slow-crew.yaml
sed -e 's/crew.yaml/slow-crew.yaml/' experiment.yaml >slow-experiment.yaml
env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
    "$moot" experiment slow-experiment.yaml --trust >out 2>err &
pid=$!
for _ in $(seq 200); do
    grep -q '^plain/1' err && break
    sleep 0.05
done
kill -INT "$pid"
wait "$pid"
expect "exit of one that was stopped" 130 $?
contains "how to go on" "--resume" err
before=$(grep -cE '^(plain|boastful)/' err)
bare "$moot" experiment slow-experiment.yaml --resume --trust >out 2>err || fault "goes on: $(cat err)"
expect "runs before and after" 6 $((before + $(grep -cE '^(plain|boastful)/' err)))
grep -qE '^plain +3/3 +3/3' out || fault "after a stop: $(cat out)"
grep -qE '^boastful +3/3 +0/3' out || fault "after a stop: $(cat out)"

finish
