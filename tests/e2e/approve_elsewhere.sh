#!/bin/bash
# An act that asks: at the terminal, from a second process, after the run has ended, and never by
# accident.
#   approve_elsewhere.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
mkdir "$scratch/letters"
cp "$source_dir/examples/hello/replies.yaml" "$scratch/letters" || exit 1
cat >"$scratch/letters/crew.yaml" <<'YAML'
crew: letters
models: {default: scripted/replies.yaml}
process: graph
tasks:
  answer: {prompt: "Answer in one paragraph: {question}"}
  send:
    needs: [answer]
    tool: send_email
    args: {subject: "Your question", body: "{answer}"}
tools:
  send_email:
    deliver: outbox:out
    approval: always
    args: {to: lin@ninth-lane-pantry.example}
YAML
cd "$scratch/letters" || exit 1
begin() {
    rm -rf .moot out
    bare "$moot" run crew.yaml question="Why do socks vanish?" --trust >result 2>err </dev/null
}
mails() {
    find out -name '*.eml' 2>/dev/null | wc -l
}
first_id() {
    bare "$moot" inbox | head -1 | cut -d' ' -f1
}

# Not trusted, and nobody to ask: it does not run.
bare "$moot" run crew.yaml question=socks >result 2>err </dev/null
expect "a crew that is not trusted" 2 $?
expect "mails" 0 "$(mails)"

# Nobody at the terminal: it waits, says so, and does nothing.
begin
expect "a run that waits" 10 $?
expect "mails while it waits" 0 "$(mails)"
tail -1 err | masked | golden screens/waits.txt
[ ! -s result ] || fault "a run that waits printed a result"
bare "$moot" inbox | masked | golden screens/inbox.txt
bare "$moot" resume >result 2>err </dev/null
expect "resume while it still waits" 10 $?

# Approved from another process, then resumed.
bare "$moot" approve "$(first_id)" >out.txt 2>err
expect "approve" 0 $?
masked <err | golden screens/approved.txt
bare "$moot" resume >result 2>err
expect "resume after the approval" 0 $?
expect "mails after the approval" 1 "$(mails)"
bare "$moot" verify >verify
expect "verify" 0 $?
bare "$moot" approve "$(bare "$moot" runs | cut -c1-4)-1" >out.txt 2>err
expect "approve a second time" 2 $?

# Rejected: nothing is sent, and the reason stands in the transcript.
begin
bare "$moot" reject "$(first_id)" "Not on a Sunday." --resume >result 2>err
expect "a rejected act" 1 $?
expect "mails after a rejection" 0 "$(mails)"
bare "$moot" show >show
contains "the transcript" "Not on a Sunday." show

# An approval of one run is none of another; an argument that is not there cannot be held on to.
begin
bare "$moot" approve "$(first_id)" --like nothing >out.txt 2>err
expect "--like nothing" 2 $?
bare "$moot" approve "$(first_id)" --like to --resume >result 2>err
expect "--like to" 0 $?
expect "mails after --like" 1 "$(mails)"

# A dry run does nothing, asks nobody, and shows all of it.
rm -rf .moot out
bare "$moot" run crew.yaml question="Why do socks vanish?" --trust --dry-run >result 2>err </dev/null
expect "a dry run" 0 $?
expect "mails of a dry run" 0 "$(mails)"
bare "$moot" show | sed -n '/send  /,$p' | masked | golden screens/dry-run.txt

# While somebody is asked at a terminal, somebody else decides.
if command -v tmux >/dev/null; then
    rm -rf .moot out
    screen_open 80 40
    screen_type "cd $scratch/letters; clear; $moot run crew.yaml question=socks --trust; echo end \$?"
    screen_until 'approval 1 of 1' || fault "nobody was asked"
    screen_text | sed -n '/^letters · /,$p' | masked | golden screens/asks.txt
    bare "$moot" approve "$(first_id)" >out.txt 2>err
    expect "approve from elsewhere" 0 $?
    contains "approve from elsewhere" "which goes on" err
    screen_until 'decided elsewhere' || fault "the prompt does not say that it was decided elsewhere"
    screen_until '^end 0$' || fault "the run did not go on"
    expect "mails approved from elsewhere" 1 "$(mails)"

    rm -rf .moot out
    screen_open 80 40
    screen_type "cd $scratch/letters; clear; $moot run crew.yaml question=socks; echo end \$?"
    screen_until 'Trust it' || fault "trust is not asked for"
    screen_type y
    screen_until 'approval 1 of 1' || fault "nobody was asked"
    screen_type l
    screen_until '^end 10$' || fault "later does not leave it waiting"
    expect "mails after later" 0 "$(mails)"
    screen_type "clear; $moot resume; echo end \$?"
    screen_until 'approval 1 of 1' || fault "a resume does not ask again"
    screen_type r
    screen_until 'why' || fault "no reason is asked for"
    screen_type "Not today."
    screen_until '^end 1$' || fault "a rejection does not end the run"
    expect "mails after r" 0 "$(mails)"
    screen_type "clear; $moot run crew.yaml question=socks; echo end \$?"
    screen_until 'approval 1 of 1' || fault "the list that was trusted is asked about again"
    screen_type s
    screen_until '^end 0$' || fault "same again does not go on"
    expect "mails after s" 1 "$(mails)"
fi
finish
