#!/bin/bash
# The first minutes in an environment with nothing in it: no terminal, no key, no network.
#   first_minutes.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
cd "$scratch" || exit 1

bare "$moot" >out 2>err
expect "moot alone" 0 $?
golden screens/moot.txt <out
[ "$(wc -l <out)" -le 24 ] || fault "moot alone has more than 24 lines"
bare env COLUMNS=160 "$moot" >out
golden screens/moot-160.txt <out
bare "$moot" --help >out 2>err
expect "moot --help" 0 $?
golden screens/help.txt <out
bare "$moot" run --help >out
golden screens/help-run.txt <out
bare "$moot" --version >out
expect "version" "moot $(sed -n 's/.*MOOT_VERSION "\(.*\)"/\1/p' "$source_dir/include/moot/moot.h")" "$(cat out)"

bare "$moot" new press >out 2>err
expect "moot new" 0 $?
golden screens/new.txt <out
bare "$moot" check press/crew.yaml >out 2>err
expect "moot check" 0 $?
bare "$moot" graph press/crew.yaml >out
golden screens/graph.txt <out
bare "$moot" graph press/crew.yaml --dot >out
golden screens/graph-dot.txt <out

# The talk is standard error's, the result standard output's, and alone there.
bare "$moot" run press/crew.yaml topic="folk music" >out 2>err
expect "moot run" 0 $?
masked <err | golden screens/run-plain.txt
golden screens/run-result.txt <out
cp out result
cd press || exit 1
bare "$moot" result >../out 2>../err
cmp -s ../out ../result || fault "moot result is not what the run printed"
bare "$moot" show >../out
masked <../out | golden screens/show.txt
bare "$moot" verify >../out
expect "moot verify" 0 $?
masked <../out | golden screens/verify.txt
bare "$moot" runs | masked | golden screens/runs.txt
bare "$moot" inbox 2>&1 | golden screens/inbox-empty.txt
cd .. || exit 1

# The last run is found from any folder; an export is verified like a journal.
bare "$moot" show --json >export.jsonl || fault "moot show --json"
bare "$moot" verify export.jsonl >out
expect "verify of an export" 0 $?
bare "$moot" show export.jsonl >out2
bare "$moot" show >out
cmp -s out out2 || fault "an export is not shown like its journal"
python3 - export.jsonl <<'PY' 2>/dev/null || [ ! -x /usr/bin/python3 ] || fault "the export is no JSON lines"
import json, sys
for line in open(sys.argv[1]):
    json.loads(line)
PY

# -q: the result alone. --json: messages alone.
bare "$moot" run press/crew.yaml topic="folk music" -q >out 2>err
expect "run -q" 0 $?
cmp -s out result || fault "run -q prints another result"
[ ! -s err ] || fault "run -q says more than the result: $(cat err)"
bare "$moot" run press/crew.yaml topic="folk music" --json >out 2>err
expect "run --json" 0 $?
expect "its first line" '{"body":' "$(head -c 8 out)"
[ "$(grep -c '^{"delta"' out)" -gt 0 ] || fault "run --json has no deltas"

# The same crew, the same script: the same normal form.
bare "$moot" show --normal >normal1
bare "$moot" run press/crew.yaml topic="folk music" -q >out
bare "$moot" show --normal >normal2
[ -s normal1 ] && cmp -s normal1 normal2 || fault "two runs have different normal forms"

bare "$moot" new advice --like graph >out || fault "moot new --like graph"
bare "$moot" run advice/crew.yaml question="Should we open on Sundays?" >out 2>err
expect "the graph" 0 $?
masked <err | golden screens/run-plain-graph.txt

# Conversations: what ends them differs, and so does whose words are the result.
bare "$moot" new notice --like pair >out || fault "moot new --like pair"
golden screens/new-pair.txt <out
bare "$moot" run notice/crew.yaml wish="A notice: the lift is out until Friday." >out 2>err
expect "the pair" 0 $?
masked <err | golden screens/run-plain-pair.txt
contains "what the pair made" "LIFT SHUT UNTIL FRIDAY" out
bare "$moot" new table --like group-chat >out || fault "moot new --like group-chat"
golden screens/new-group-chat.txt <out
bare "$moot" run table/crew.yaml question="What was a folkmoot?" >out 2>err
expect "the group chat" 0 $?
masked <err | golden screens/run-plain-group-chat.txt
contains "what the group chat made" "A folkmoot was an open-air assembly" out
bare "$moot" new sundays --like consensual >out || fault "moot new --like consensual"
golden screens/new-consensual.txt <out
bare "$moot" run sundays/crew.yaml question="Should we open on Sundays?" >out 2>err
expect "the vote" 0 $?
masked <err | golden screens/run-plain-consensual.txt
contains "what the vote made" "Open for six Sundays" out
expect "key is kept closed" 600 "$(stat -c %a home/.config/folkmoot/keys/owner.key)"
expect ".moot is kept closed" 700 "$(stat -c %a press/.moot)"

# Completion asks the program.
bare "$moot" completion bash >complete.bash
bare_more=(MOOT="$moot")
bare bash -c 'source ./complete.bash; moot() { "$MOOT" "$@"; }; COMP_WORDS=(moot re); COMP_CWORD=1; _moot
    printf "%s\n" "${COMPREPLY[@]}"' >out 2>err
expect "completion of re" "redact reject result resume" "$(sort out | tr '\n' ' ' | sed 's/ $//')"
if command -v man >/dev/null && command -v groff >/dev/null; then
    bare "$moot" man >moot.1
    LC_ALL=C.UTF-8 man --warnings -l moot.1 >out 2>err
    [ ! -s err ] || fault "the manual page: $(head -3 err)"
fi
finish
