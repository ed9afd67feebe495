#!/bin/bash
# A second process speaks in a conversation that a first one holds.
#   say.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
mkdir "$scratch/pairing"
cd "$scratch/pairing" || exit 1
cat >crew.yaml <<'YAML'
crew: pairing
models: {default: scripted/replies.yaml}
process: pair
agents:
  user:
    kind: user_proxy
    goal: A parser.
  coder: {role: Coder}
YAML
cat >replies.yaml <<'YAML'
- {agent: user, step: 1, reply: Write a parser.}
- {agent: coder, step: 1, pace: 60s, reply: First a very long introduction to what parsers are.}
- {agent: coder, text: only the parser, reply: Here is the parser.}
- agent: user
  calls: [{name: finish, arguments: {result: a parser}}]
YAML
env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$moot" run crew.yaml --trust \
    >result 2>err </dev/null &
first=$!
for _ in $(seq 200); do
    grep -q 'Write a parser' err && break
    sleep 0.1
done
run=$(bare "$moot" runs | head -1 | cut -c1-4)

bare "$moot" say "$run" codr "No." >out 2>said
expect "say to nobody" 2 $?
contains "say to nobody" "did you mean 'coder'" said
printf 'Mind the tests.\n' | bare "$moot" say "$run" coder >out 2>said
expect "a talk from standard input" 0 $?
bare "$moot" say "$run" coder "No," "only the parser." --interrupt >out 2>said
expect "say" 0 $?
contains "say" "said to coder" said
wait $first
expect "the run that was spoken to" 0 $?
expect "its result" "a parser" "$(cat result)"
contains "its transcript" "person → coder: No, only the parser." err
contains "its transcript" "person → coder: Mind the tests." err
contains "its transcript" "(cut off)" err
contains "its transcript" "coder → user: Here is the parser." err
bare "$moot" verify >verify
expect "verify" 0 $?

# Without a text: the run is followed, and what is typed is said; Escape cuts in.
if command -v tmux >/dev/null; then
    rm -rf .moot
    env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$moot" run crew.yaml --trust \
        >result 2>err </dev/null &
    first=$!
    for _ in $(seq 200); do
        grep -q 'Write a parser' err && break
        sleep 0.1
    done
    run=$(bare "$moot" runs | head -1 | cut -c1-4)
    screen_open 80 30
    screen_type "cd $scratch/pairing; clear; $moot say $run coder; echo end \$?"
    screen_until '^coder ›' || fault "a talk has no line to type in"
    screen_type "Mind the tests."
    screen_until '^heard after this turn: Mind the tests.$' || fault "a talk does not show what waits"
    screen_key Escape
    screen_until '^cut in, coder ›' || fault "Escape does not cut in"
    screen_type "No, only the parser."
    screen_until 'Here is the parser' || fault "the run is not followed"
    screen_until '^end 0$' || fault "a talk does not end with its run"
    screen_text >talk
    contains "a talk" "No, only the parser." talk
    wait $first
    expect "the run that was talked to" 0 $?
    contains "its transcript" "person → coder: Mind the tests." err
fi

bare "$moot" say "$run" coder "More." >out 2>said
expect "say to a run that is closed" 2 $?
contains "say to a run that is closed" "is closed" said
finish
