#!/bin/bash
# A person takes a seat: line by line from standard input, and at a terminal.
#   chat.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
mkdir "$scratch/tutor"
cd "$scratch/tutor" || exit 1
cat >crew.yaml <<'YAML'
crew: tutor
models: {default: scripted/replies.yaml}
process: pair
agents:
  user: {kind: user_proxy}
  coder: {role: Coder}
YAML
cat >replies.yaml <<'YAML'
- {agent: coder, text: shorter, repeat: true, reply: "A parser turns text into a tree."}
- {agent: coder, repeat: true, pace: 60s, reply: "First of all, long before there were any parsers there was text."}
YAML

# Each line is a turn; a backslash joins two; exit ends it.
printf 'What is\\\na parser?\n\nMake it shorter.\nexit\n' |
    bare "$moot" chat crew.yaml --trust >result 2>err
expect "a chat from standard input" 0 $?
expect "its result" "A parser turns text into a tree." "$(cat result)"
contains "its transcript" "user → coder: What is a parser?" err
contains "its transcript" "stopped: by the person of user" err
bare "$moot" verify >verify
expect "verify" 0 $?

# The end of the lines is not the end of the chat: it waits, and is gone on with.
printf 'What is a parser?\n' | bare "$moot" chat crew.yaml --trust >result 2>err
expect "a chat whose lines end" 10 $?
run=$(bare "$moot" runs | head -1 | cut -c1-4)
bare "$moot" answer "$run-2" "Make it shorter." --resume >result 2>err </dev/null
expect "an answer from elsewhere" 10 $?
contains "an answer from elsewhere" "user → coder: Make it shorter." err
bare "$moot" answer "$run-3" exit --resume >result 2>err </dev/null
expect "exit from elsewhere" 0 $?
expect "its result" "A parser turns text into a tree." "$(cat result)"

bare "$moot" chat crew.yaml --as codr --trust >result 2>err </dev/null
expect "a seat that is not there" 2 $?
contains "a seat that is not there" "did you mean 'coder'?" err

if command -v tmux >/dev/null; then
    screen_open 80 40
    screen_type "cd $scratch/tutor; clear; unset MOOT_PACE; $moot chat crew.yaml --trust; echo end \$?"
    screen_until '^user ›' || fault "nobody is asked"
    screen_type "What is a parser?"
    screen_until 'First of' || fault "the reply does not stream above the prompt"
    screen_until '^say ›' || fault "there is no prompt while it streams"
    screen_key Escape
    screen_until '^cut in ›' || fault "Escape does not cut in"
    screen_type "Make it shorter."
    screen_until 'into a tree' || fault "cutting in does not change what is said"
    screen_until '^user ›' || fault "nobody is asked again"
    screen_type "exit"
    screen_until '^end 0$' || fault "exit does not end it"

    # What was typed before comes back; a backslash joins two lines.
    screen_type "clear; $moot chat crew.yaml --trust; echo end \$?"
    screen_until '^user ›' || fault "nobody is asked in a second chat"
    screen_key Up
    screen_until '^user › exit$' || fault "there is no history"
    screen_key Up
    screen_until '^user › Make it shorter.$' || fault "the history ends with its last line"
    screen_type '\'
    screen_type "Much."
    screen_until '^│ Make it shorter.$' || fault "the first of two lines is not said"
    screen_until '^│ Much.$' || fault "the second of two lines is not said"
    screen_until '^user ›' || fault "nobody is asked after two lines"
    screen_key C-d
    screen_until '^end 10$' || fault "ctrl-D does not leave it waiting"

    # Where there is no seat for a person one is added.
    cat >desk.yaml <<'YAML'
crew: desk
models: {default: scripted/replies.yaml}
process: group_chat
group_chat: {next_speaker: round_robin}
opening: "{question}"
agents:
  planner: {role: Planner}
  critic: {role: Critic}
YAML
    printf '%s\n' '- {agent: planner, repeat: true, reply: A plan of three steps.}' \
        '- {agent: critic, repeat: true, reply: Two would do.}' >>replies.yaml
    screen_type "clear; $moot chat desk.yaml question='Why socks?' --trust; echo end \$?"
    screen_until '^you ›' || fault "no seat is added"
    screen_type "Be brief."
    screen_until '^│ Two would do.$' || fault "the others do not go on"
    screen_type "exit"
    screen_until '^end 0$' || fault "exit does not end a group chat"
    screen_type "clear; $moot chat desk.yaml --as critic question='Why socks?' --trust; echo end \$?"
    screen_until '^critic ›' || fault "the critic's seat is not taken"
    screen_type "exit"
    screen_until '^end 0$' || fault "exit does not end it from the critic's seat"

    screen_type "clear; $moot run crew.yaml --trust; echo end \$?"
    screen_until '^user ›' || fault "a run does not ask"
    screen_type "What is a parser?"
    screen_until 'First of' || fault "the reply does not stream"
    screen_key i
    screen_until '^say ›' || fault "i opens no line"
    screen_type "@coder shorter"
    screen_until '^heard after this turn: ' || fault "what is said is not shown"
    screen_key C-c
    screen_until '^end 130$' || fault "ctrl-C does not stop it"
fi
finish
