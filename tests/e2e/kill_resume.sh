#!/bin/bash
# kill -9 at any moment, then resume, again and again: the result, the proof and the normal form are
# those of a run that nobody killed, and no reply is asked for twice.
#   kill_resume.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
cp -r "$source_dir/examples/shopify-promoter" "$scratch/crew" || exit 1
cd "$scratch/crew" || exit 1
bare "$moot" run quality-loop.yaml storefronts/*.html -q >whole || fault "an uninterrupted run"
bare "$moot" show --normal >normal-whole
sort whole >whole.sorted

paced=(env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8)
for round in $(seq "${MOOT_ROUNDS:-3}"); do
    rm -rf .moot
    "${paced[@]}" "$moot" run quality-loop.yaml storefronts/*.html >out 2>err &
    pid=$!
    kills=0
    for delay in 0.9 1.7 0.4 2.3; do
        sleep "$delay"
        kill -9 $pid 2>/dev/null && kills=$((kills + 1))
        wait $pid 2>/dev/null
        "${paced[@]}" "$moot" resume >out 2>err &
        pid=$!
    done
    sleep 0.5
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    bare "$moot" resume >out 2>err
    code=$?
    if [ $code -eq 2 ] && grep -q closed err; then
        bare "$moot" result >out
        code=0
    fi
    expect "round $round, the last resume after $kills kills" 0 $code
    [ $code -eq 0 ] || cat err
    sort out >out.sorted
    cmp -s out.sorted whole.sorted || fault "round $round: another result"
    bare "$moot" verify >verify 2>&1
    expect "round $round: verify" 0 $?
    bare "$moot" show --normal >normal
    cmp -s normal normal-whole || fault "round $round: another normal form"
done
finish
