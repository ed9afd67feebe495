#!/bin/bash
# The three arrangements of the plug-in promoter, offline: how many mails were written, sent back and sent,
# what each task was shown, to whom the mails went, and that a run repeated is the same run.
#   promoter.sh MOOT SOURCE
set -u
moot=$(realpath "$1") source_dir=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch/home XDG_STATE_HOME=$scratch/state XDG_CONFIG_HOME=$scratch/config
export MOOT_PACE=0 NO_COLOR=1
mkdir -p "$HOME"
cp -r "$source_dir/examples/shopify-promoter" "$scratch/promoter"
cd "$scratch/promoter" || exit 1
unset MOOT_MODEL OPENAI_API_KEY
failed=0

fail() {
    echo "FAILED: $*"
    failed=1
}

for crew in pipeline graph quality-loop; do
    for way in "--jobs 5" "--jobs 1" ""; do
        name=$crew${way// /}
        # shellcheck disable=SC2086
        "$moot" run $crew.yaml storefronts/*.html $way >"$scratch/$name.out" 2>"$scratch/$name.err"
        code=$?
        [ $code -eq 0 ] || { fail "$name: exit $code"; tail -5 "$scratch/$name.err"; }
        "$moot" verify >"$scratch/$name.verify" 2>&1 || { fail "$name: verify"; cat "$scratch/$name.verify"; }
        "$moot" show --json >"$scratch/$name.jsonl" 2>/dev/null || fail "$name: show --json"
        "$moot" show --normal >"$scratch/$name.normal" 2>/dev/null || fail "$name: show --normal"
        # W5: the same run, however many items went through at once.
        cmp "$scratch/$name.normal" "$scratch/$crew--jobs5.normal" || fail "$name: not the same normal form"
    done
    "$moot" result --json >"$scratch/$crew.result" 2>/dev/null || fail "$crew: result --json"
    python3 "$here/promoter_check.py" $crew "$scratch/$crew.jsonl" . "$scratch/$crew.mails" || failed=1
done

# The mails themselves, where the judge of the design is beside the checkout.
judge=${MOOT_SHARED:-$source_dir/../shared}/tools/promoter_judge.py
if [ -f "$judge" ]; then
    python3 "$judge" "$scratch/quality-loop.mails" >"$scratch/judged" || { fail "judged"; cat "$scratch/judged"; }
    # What checks nothing sends one weak mail, and the judge finds exactly that one.
    for crew in pipeline graph; do
        python3 "$judge" "$scratch/$crew.mails" >"$scratch/judged" && fail "$crew: the weak mail passed"
        [ "$(grep -c '^REJECT' "$scratch/judged")" -eq 1 ] || { fail "$crew"; cat "$scratch/judged"; }
    done
else
    echo "not judged: no $judge"
fi
[ $failed -eq 0 ] && echo "promoter: as it should be"
exit $failed
