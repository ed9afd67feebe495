#!/bin/bash
# The small examples, offline: what they print is what their README says.
#   examples.sh MOOT SOURCE
set -u
moot=$(realpath "$1") source_dir=$(realpath "$2")
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch/home XDG_STATE_HOME=$scratch/state XDG_CONFIG_HOME=$scratch/config
export MOOT_PACE=0 NO_COLOR=1
unset MOOT_MODEL OPENAI_API_KEY
mkdir -p "$HOME"
cp -r "$source_dir/examples" "$scratch/examples"
failed=0

fail() {
    echo "FAILED: $*"
    cat "$scratch/out" "$scratch/err"
    failed=1
}

cd "$scratch/examples/hello" || exit 1
"$moot" run hello.yaml question="Why do socks vanish?" >"$scratch/out" 2>"$scratch/err" || fail "hello: exit $?"
grep -q '^They do not vanish, they are outvoted' "$scratch/out" || fail "hello: no answer"
[ "$(wc -l <"$scratch/out")" -eq 1 ] || fail "hello: more than the answer on standard output"
"$moot" run hello.yaml question="And gloves?" -q >"$scratch/out" 2>"$scratch/err" || fail "hello: exit $?"
grep -q '^I am a script, not a model' "$scratch/out" || fail "hello: no second answer"
"$moot" show >"$scratch/out" 2>"$scratch/err" || fail "hello: show"

cd "$scratch/examples/restaurant" || exit 1
"$moot" run restaurant.yaml messages/*.txt >"$scratch/out" 2>"$scratch/err" || fail "restaurant: exit $?"
"$moot" result --json >"$scratch/out" 2>"$scratch/err" || fail "restaurant: result"
python3 - "$scratch/out" <<'P' || fail "restaurant: the forms"
import json, sys
forms = {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    r = row['result']
    forms[row['item']] = json.loads(r) if isinstance(r, str) else r
assert sorted(forms) == ['birthday', 'office', 'umbrella'], forms
assert forms['birthday']['guests'] == 9 and forms['birthday']['time'] == '18:30', forms
assert sum(d['count'] for d in forms['office']['dishes']) == 7, forms
assert forms['umbrella']['to'] == 'owner' and forms['umbrella']['urgent'] is False, forms
P
# Nothing was asked of anybody but the script.
"$moot" verify >"$scratch/out" 2>&1 || fail "restaurant: verify"
# A model chooses who speaks, within the transitions, and is read however it says the name.
cd "$scratch/examples/research-desk" || exit 1
"$moot" run desk.yaml --trust >"$scratch/out" 2>"$scratch/err" || fail "research-desk: exit $?"
grep -q '^\*\*Paint the school roof white' "$scratch/out" || fail "research-desk: the page is not the result"
grep -q 'terminated' "$scratch/err" || fail "research-desk: it did not end by the critic's word"
"$moot" show --agent critic >"$scratch/out" 2>"$scratch/err" || fail "research-desk: show --agent"
grep -q 'room 9' "$scratch/out" || fail "research-desk: the critic did not hear the researcher"
grep -q 'Kept by the caretaker' "$scratch/out" && fail "research-desk: the critic saw what the researcher read"

# What a view hides is said where it is hidden.
printf 'extends: desk.yaml\nagents: {writer: {view: {last: 2}}}\n' >short.yaml
"$moot" run short.yaml --trust >"$scratch/out" 2>"$scratch/err" || fail "a short view: exit $?"
"$moot" show --html -o page.html && grep -q '3 messages hidden from it' page.html || fail "a short view: not said"

# The customer is a person who answers from elsewhere.
cd "$scratch/examples/help-desk" || exit 1
"$moot" run desk.yaml --trust </dev/null >"$scratch/out" 2>"$scratch/err"
[ $? -eq 10 ] || fail "help-desk: it did not wait for the customer"
for words in "My brake squeals." "And I was billed twice." exit; do
    id=$("$moot" inbox --json | sed -n '1s/.*"id":"\([^"]*\)".*/\1/p')
    "$moot" answer "$id" "$words" --resume </dev/null >"$scratch/out" 2>"$scratch/err"
    code=$?
    [ $code -eq 10 ] || { [ "$words" = exit ] && [ $code -eq 0 ]; } || fail "help-desk: $words: exit $code"
done
"$moot" show >"$scratch/out" 2>&1
grep -q 'place 3' "$scratch/out" || fail "help-desk: no place in the workshop"
grep -q '48.00' "$scratch/out" || fail "help-desk: nobody looked at the bill"

# One agent with three tools says that all is done.
cd "$scratch/examples/shopify-promoter" || exit 1
"$moot" run naive.yaml --trust >"$scratch/out" 2>"$scratch/err" || fail "naive: exit $?"
grep -q 'All five e-mails have been sent' "$scratch/out" || fail "naive: it does not say so"
[ "$("$moot" show --json | grep -c '"kind":"tool_call".*send_email\|send_email.*"kind":"tool_call"')" -eq 4 ] ||
    fail "naive: not four mails"

# Code is shown, approved by another process, and really run; the person has the last word.
if bwrap --ro-bind / / true 2>/dev/null; then
    cd "$scratch/examples/code-review" || exit 1
    "$moot" run review.yaml --trust </dev/null >"$scratch/out" 2>"$scratch/err"
    [ $? -eq 10 ] || fail "code-review: it did not wait for a person"
    for _ in 1 2 3; do
        id=$("$moot" inbox --json | sed -n '1s/.*"id":"\([^"]*\)".*/\1/p')
        "$moot" approve "$id" --resume </dev/null >"$scratch/out" 2>"$scratch/err"
        [ $? -eq 10 ] || fail "code-review: approving $id"
    done
    id=$("$moot" inbox --json | sed -n '1s/.*"id":"\([^"]*\)".*/\1/p')
    "$moot" answer "$id" "" --resume </dev/null >"$scratch/out" 2>"$scratch/err" || fail "code-review: the last word"
    "$moot" result >"$scratch/out" 2>"$scratch/err"
    grep -q 'Hollow Fern Nursery\*\* (135' "$scratch/out" || fail "code-review: no answer"
    python3 work/report.py >/dev/null 2>&1 || (cd work && python3 report.py) >"$scratch/out" 2>&1
    grep -q 'Odd Thursday: 102, most on thu' "$scratch/out" || fail "code-review: the program does not run"
    "$moot" verify >"$scratch/out" 2>&1 || fail "code-review: verify"
else
    echo "SKIPPED: code-review: no sandbox can be had here"
fi
[ $failed -eq 0 ] && echo "examples: as they should be"
exit $failed
