#!/bin/bash
# Going another way: replays and forks use again what was paid for and do nothing twice, also when
# they are killed on the way.
#   again.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
mkdir -p "$scratch/crew/.moot" && cd "$scratch/crew" || exit 1
cat >desk.yaml <<'YAML'
crew: desk
models: {default: scripted/replies.yaml}
process: graph
tasks:
  draft: {prompt: "Draft an answer. {question}"}
  mail:
    needs: [draft]
    prompt: "Write it as a mail. {draft}"
  send:
    needs: [mail]
    tool: send_email
    args: {subject: Socks, body: "{mail}"}
    approval: always
  note:
    needs: [send, mail]
    prompt: "Note what was sent: {mail}"
tools:
  send_email: {deliver: "outbox:out", args: {to: lin@example.org}}
YAML
cat >replies.yaml <<'YAML'
- {task: draft, reply: They are outvoted.}
- {task: mail, reply: Dear Lin. They are outvoted.}
- {task: note, reply: Told Lin.}
YAML
last() { bare "$moot" runs --json | head -1 | sed 's/.*"run":"\([^"]*\)".*/\1/'; }
number() { # RUN KIND CONV: of the first such message
    bare "$moot" show "$1" --messages | awk -v k="$2" -v c="$3" '$2 == k && $6 == c {print $1; exit}'
}
mails() { find out -name '*.eml' 2>/dev/null | wc -l; }

bare "$moot" run desk.yaml question=why --trust -q >said 2>err
expect "it waits for a person" 10 $?
first=$(last)
bare "$moot" approve "${first%%-*}-1" --resume >said 2>err
expect "approved and gone on with" 0 $?
expect "mails sent" 1 "$(mails)"

# A replay: nobody is asked, nothing is sent, no model is there.
mv replies.yaml gone.yaml
bare "$moot" run desk.yaml --replay "$first" --trust >said 2>err
expect "a replay" 0 $?
contains "what it gives" "Told Lin." said
contains "what it cost" "3 calls, recorded · 0 tokens" err
expect "mails after a replay" 1 "$(mails)"
bare "$moot" verify >verify
expect "verify a replay" 0 $?
contains "verify names the recording" "replays run $first, up to message" verify
bare "$moot" show --normal >normal-1
bare "$moot" run desk.yaml --replay "$first" --trust -q >said 2>err
bare "$moot" show --normal >normal-2
cmp -s normal-1 normal-2 || fault "two replays have different normal forms"
mv gone.yaml replies.yaml

# A fork after the mail was approved and before its result: it is not sent a second time.
call=$(number "$first" tool_call 1/send#1)
cp replies.yaml kept.yaml
sed 's/Told Lin/Lin knows/' kept.yaml >replies.yaml
bare "$moot" fork "$first" --at "$call" >said 2>err
expect "a fork" 0 $?
contains "a fork goes another way" "Lin knows." said
contains "a fork says where it begins" "all after message $call is new" err
expect "mails after a fork" 1 "$(mails)"
fork=$(last)
bare "$moot" verify "$fork" >verify
expect "verify a fork" 0 $?
contains "verify names the run" "forked  from run $first, up to message $call" verify
bare "$moot" verify "$first" >verify
expect "verify what it was forked from" 0 $?

# With another crew: the draft is the recorded one, the mail is asked for anew.
sed 's/Write it as a mail/Write it as a short mail/' desk.yaml >short.yaml
sed -i 's/Dear Lin. They are outvoted./Lin was outvoted./; s/They are outvoted/UNUSED/' replies.yaml
end=$(number "$first" end 1/send#1)
bare "$moot" fork "$first" --at "$end" --crew short.yaml --trust >said 2>err
expect "a fork with another crew asks about another mail" 10 $?
contains "from where it is new" "new from here on: assistant 1 in 1/mail#1 asks something else than was recorded" err
grep -q UNUSED err && fault "a reply that was paid for was asked for again"
other=$(last)
bare "$moot" approve "${other%%-*}-1" --resume >said 2>err
expect "that mail is approved" 0 $?
expect "mails, now two" 2 "$(mails)"
bare "$moot" verify "$other" >verify
expect "verify it" 0 $?
contains "verify names its origin" "forked  from run $first, up to message $end" verify

# Removed words are in no file of the run; the rest of it stays provable.
grep -rq "Told Lin" .moot || fault "the words are not where they should be"
for run in "$first" "$other"; do # the fork says it in its own way
    note=$(number "$run" model_reply 1/note#1)
    bare "$moot" redact "$run" "$note" --with-quotes --why "asked for" >said 2>err
    expect "redact a note" 0 $?
    bare "$moot" verify "$run" >verify
    expect "verify after it" 0 $?
    contains "verify counts it" "redacted 3" verify
done
bare "$moot" redact "$fork" "$(number "$fork" model_reply 1/note#1)" --with-quotes >said 2>err
for run in "$first" "$other" "$fork"; do # replays are runs of their own
    grep -lE "Told Lin|Lin knows" .moot/runs/"$run".db* && fault "removed words are still there"
done
bare "$moot" run desk.yaml --replay "$first" --trust -q >said 2>err
expect "a replay without the note" 1 $?
bare "$moot" show >said
contains "it says why" "assistant 1 in 1/note#1 was redacted in the recording" said

# A run that goes on is neither deleted nor robbed of a text.
cat >slow.yaml <<'YAML'
crew: slow
models: {default: scripted/slow-replies.yaml}
tasks:
  answer: {prompt: "{question}"}
YAML
echo '- {reply: At last., pace: 60s}' >slow-replies.yaml
env -i HOME="$scratch/home" PATH=/usr/bin:/bin "$moot" run slow.yaml question=why -q >said 2>err &
pid=$!
for _ in $(seq 50); do
    slow=$(bare "$moot" runs 2>/dev/null | awk '/slow/ {print $1; exit}')
    [ -n "$slow" ] && break
    sleep 0.1
done
bare "$moot" rm "$slow" --yes >said 2>err
expect "rm of a run that goes on" 1 $?
contains "who holds it" "is being written by process $pid" err
bare "$moot" redact "$slow" 1 --alone >said 2>err
expect "redact in a run that goes on" 1 $?
bare "$moot" fork "$slow" --at 1 -q >said 2>err # without the pause
expect "a fork of a run that goes on" 0 $?
contains "a fork of a run that goes on" "At last." said
kill -9 $pid
wait $pid 2>/dev/null
bare "$moot" rm "$slow" >said 2>err
expect "rm asks" 2 $?
bare "$moot" rm "$slow" --yes >said 2>err
expect "rm" 0 $?
[ -z "$(ls .moot/runs | grep "$slow")" ] || fault "rm left $(ls .moot/runs | grep "$slow")"
bare "$moot" rm --older 0d --yes >said 2>err
expect "rm of all" 0 $?
[ -z "$(ls .moot/runs)" ] || fault "rm --older left $(ls .moot/runs)"

# Killed at any moment, a replay goes on as a replay, without its script.
cp -r "$source_dir/examples/shopify-promoter" "$scratch/promoter" && cd "$scratch/promoter" || exit 1
bare "$moot" run quality-loop.yaml storefronts/*.html -q --record replies.jsonl >/dev/null 2>err
bare "$moot" show --normal >normal-1
rm replies.json
for after in 0.03 0.06 0.1; do
    rm -rf .moot; mkdir .moot
    env -i HOME="$scratch/home" PATH=/usr/bin:/bin MOOT_PACE=0 "$moot" run quality-loop.yaml \
        storefronts/*.html --replay replies.jsonl -q >/dev/null 2>err &
    pid=$!
    sleep "$after"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ -n "$(ls .moot/runs/*.db 2>/dev/null)" ] || continue
    bare "$moot" resume -q >/dev/null 2>err
    code=$?
    grep -qE 'closed|nothing was begun|holds no run|is not a journal|does not hold' err && continue
    [ $code -eq 0 ] || cat err
    expect "resume of a replay killed after $after s" 0 $code
    bare "$moot" show --normal >normal-2
    cmp -s normal-1 normal-2 || fault "a replay killed after $after s has another normal form"
done
finish
