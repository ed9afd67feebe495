#!/bin/bash
# The plug-in promoter as a crew of specialists under a director, offline: it waits for a person before each
# mail, who approves from a second process; what it did is checked as that of the other arrangements is.
#   promoter_crew.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
cp -r "$source_dir/examples/shopify-promoter" "$scratch/promoter" || exit 1
cd "$scratch/promoter" || exit 1

begin() { # WAY
    # shellcheck disable=SC2086
    bare "$moot" run crew.yaml storefronts/*.html --trust $1 >result 2>err </dev/null
}
waiting() {
    bare "$moot" inbox | grep -oE '^[a-z2-7]{4}-[0-9]+'
}

bare "$moot" check crew.yaml >check 2>&1
expect "check" 0 $?

# Nobody is asked: every mail waits, and none is sent.
begin ""
expect "a run that waits" 10 $?
expect "mails that wait" 5 "$(waiting | wc -l)"
bare "$moot" show --json >waits.jsonl
expect "sent without a person" 0 "$(grep -c '"kind":"tool_result"' waits.jsonl)"

# A second process approves all but one, and rejects that.
for id in $(waiting | head -4); do
    bare "$moot" approve "$id" >out.txt 2>err
    expect "approve $id" 0 $?
done
bare "$moot" resume >result 2>err </dev/null
expect "with one that waits" 10 $?
bare "$moot" approve "$(waiting | head -1)" --resume >result 2>err
expect "with the last one" 0 $?
bare "$moot" verify >verify
expect "verify" 0 $?
bare "$moot" show --json >crew.jsonl
python3 "$source_dir/tests/e2e/promoter_check.py" crew crew.jsonl . mails.json ||
    fault "what it did is not what it should do"

judge=${MOOT_SHARED:-$source_dir/../shared}/tools/promoter_judge.py
if [ -f "$judge" ]; then
    python3 "$judge" mails.json >judged || fault "judged: $(cat judged)"
else
    echo "not judged: no $judge"
fi

# The manager's turns, delegations and verdicts stand in the transcript.
bare "$moot" show >show
contains "the transcript" "director" show
contains "the transcript" "to scout" show

# However many go through at once, it is the same run.
begin "--jobs 5"
bare "$moot" show --normal >five
begin "--jobs 1"
bare "$moot" show --normal >one
cmp five one || fault "not the same normal form"

[ "$faults" -eq 0 ] && echo "the crew: as it should be"
exit "$faults"
