#!/bin/bash
# People with keys of their own: they are told, they alone answer, from other processes, while the
# run goes on, after kill -9, and after their time is over.
#   people.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
mkdir "$scratch/desk"
cd "$scratch/desk" || exit 1
bare "$moot" keys --person ann --make >keys || fault "no key is made for ann"
ann=$(sed -n 's/.*{key: \([0-9a-f]*\)}}.*/\1/p' keys)
expect "the length of ann's public key" 64 ${#ann}
bare "$moot" keys >keys
contains "moot keys" "people: {ann: {key: $ann}}" keys

cat >told.sh <<'SH'
#!/bin/sh
{ echo "$MOOT_ID $MOOT_RUN $MOOT_PERSON"; cat; } >>"$(dirname "$0")/told"
exit "${1:-0}"
SH
chmod +x told.sh
crew() { # NOTIFY KEY
    cat >crew.yaml <<YAML
crew: desk
models: {default: scripted/replies.yaml}
process: graph
people:
  ann: {name: Ann, key: $2, notify: [$PWD/told.sh$1]}
tasks:
  answer:
    prompt: "Answer in one paragraph: {question}"
    check:
      - {person: [ann]}
YAML
}
crew "" "$ann"
echo '- {repeat: true, reply: They are outvoted.}' >replies.yaml
begin() {
    rm -rf .moot told
    bare "$moot" run crew.yaml question=socks --trust >result 2>err </dev/null
    local code=$?
    run=$(bare "$moot" runs | head -1 | cut -c1-4)
    return $code
}

# Told once, with what is asked; answered from elsewhere by her key, which the proof shows.
begin
expect "a run that waits for ann" 10 $?
contains "what ann is told" "$run-1" told
contains "what ann is told" " ann" told
expect "how often she is told" 1 "$(grep -c "^$run-" told)"
bare "$moot" inbox >inbox
contains "the inbox" "for ann" inbox
bare "$moot" resume >result 2>err </dev/null
expect "a resume while it waits" 10 $?
expect "how often she is told after a resume" 1 "$(grep -c "^$run-" told)"
bare "$moot" approve "$run-1" --resume >result 2>err </dev/null
expect "ann approves" 0 $?
contains "the result" "They are outvoted." result
bare "$moot" show --json >journal
contains "the journal" '"from":"ann"' journal
bare "$moot" verify >verify
expect "verify" 0 $?

# Without her key nobody answers for her.
begin
mv "$scratch/home/.config/folkmoot/keys/ann.key" ann.kept
bare "$moot" approve "$run-1" >out 2>err
expect "the owner approves for ann" 6 $?
contains "the owner approves for ann" "it waits for ann" err
mv ann.kept "$scratch/home/.config/folkmoot/keys/ann.key"

# Another key in her name is refused by the run itself.
mv "$scratch/home/.config/folkmoot/keys/ann.key" ann.kept
bare "$moot" keys --person ann --make >keys2
bare "$moot" approve "$run-1" >out 2>err
expect "a forged ann" 6 $?
mv ann.kept "$scratch/home/.config/folkmoot/keys/ann.key"

# That she cannot be told ends nothing.
crew ", '3'" "$ann"
begin
expect "a run whose notify fails" 10 $?
contains "a run whose notify fails" "ann could not be told by" err
contains "a run whose notify fails" "exit 3" err

# A second process answers while the first runs on with another item.
crew "" "$ann"
cat >replies.yaml <<'YAML'
- {item: one, reply: The first.}
- {item: two, pace: 5s, reply: The second.}
YAML
rm -rf .moot told
printf '%s\n' '{"name": "one", "question": "a"}' '{"name": "two", "question": "b"}' |
    env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
        "$moot" run crew.yaml - --trust >result 2>err &
first=$!
for _ in $(seq 100); do
    [ -s told ] && break
    sleep 0.1
done
run=$(bare "$moot" runs | head -1 | cut -c1-4)
bare "$moot" approve "$run-1" >out 2>said
contains "approve while it runs" "which goes on" said
kill -0 $first 2>/dev/null || fault "the first process had ended already"
wait $first
expect "the first process" 10 $?
contains "the first process" "The first." err

# The same with a turn in a conversation: answered while another item is talked about.
mkdir "$scratch/pair"
cd "$scratch/pair" || exit 1
cat >crew.yaml <<'YAML'
crew: pair
models: {default: scripted/replies.yaml}
process: pair
opening: "{question}"
agents:
  user: {kind: user_proxy, human_input: always}
  coder: {role: Coder}
YAML
cat >replies.yaml <<'YAML'
- {item: one, reply: The first.}
- {item: two, pace: 5s, reply: The second.}
YAML
printf '%s\n' '{"name": "one", "question": "a"}' '{"name": "two", "question": "b"}' |
    env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
        "$moot" run crew.yaml - --jobs 2 --trust >result 2>err &
first=$!
for _ in $(seq 100); do
    bare "$moot" inbox 2>inbox.err | grep 'pair · one' >inbox && break
    sleep 0.1
done
bare "$moot" answer "$(head -1 inbox | cut -d' ' -f1)" exit >out 2>said
contains "answer while it runs" "which goes on" said
kill -0 $first 2>/dev/null || fault "the first process of the pair had ended already"
wait $first
expect "the first process of the pair" 10 $?
contains "the first process of the pair" "stopped: by the person of user" err
cd "$scratch/desk" || exit 1

# kill -9 with a question open; answered before anybody takes the run up again.
rm -rf .moot told
printf '%s\n' '{"name": "one", "question": "a"}' '{"name": "two", "question": "b"}' |
    env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
        "$moot" run crew.yaml - --trust >result 2>err &
for _ in $(seq 100); do
    [ -s told ] && break
    sleep 0.1
done
run=$(bare "$moot" runs | head -1 | cut -c1-4)
kill -9 $!
wait $! 2>/dev/null
bare "$moot" approve "$run-1" >out 2>said
expect "approve after kill -9" 0 $?
contains "approve after kill -9" "kept for run" said
bare "$moot" resume >result 2>err </dev/null
expect "the resume" 10 $?
bare "$moot" approve "$run-2" --resume >result 2>err </dev/null
expect "the second approval" 0 $?
contains "its result" "The first." result
bare "$moot" verify >verify
expect "verify after kill -9" 0 $?
finish
