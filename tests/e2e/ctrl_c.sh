#!/bin/bash
# ctrl-C gives the prompt back at once, says how to go on, and loses nothing; SIGTERM likewise.
#   ctrl_c.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
cp -r "$source_dir/examples/shopify-promoter" "$scratch/crew" || exit 1
cd "$scratch/crew" || exit 1
bare "$moot" run quality-loop.yaml storefronts/*.html -q >whole || fault "an uninterrupted run"
bare "$moot" show --normal >normal-whole

stop_by() { # SIGNAL EXIT
    rm -rf .moot
    # With its own pace the run lasts for some seconds.
    env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
        "$moot" run quality-loop.yaml storefronts/*.html >out 2>err &
    local pid=$! begun ended
    for _ in $(seq 100); do
        [ "$(grep -c concept err)" -ge 2 ] && break
        sleep 0.1
    done
    begun=$(date +%s%N)
    kill -"$1" $pid
    wait $pid
    expect "exit after SIG$1" "$2" $?
    ended=$(date +%s%N)
    local ms=$(((ended - begun) / 1000000))
    echo "SIG$1: $ms ms"
    [ $ms -le $((200 * ${MOOT_SLOW:-5})) ] || fault "SIG$1 took $ms ms"
    contains "what SIG$1 says" "go on: moot resume" err
    contains "what SIG$1 says" "nothing is lost" err
    [ ! -s out ] || fault "a stopped run printed a result"
    bare "$moot" verify >verify 2>&1
    expect "verify of a stopped run" 5 $?
    bare "$moot" runs | grep -q interrupted || fault "moot runs does not say interrupted"
    bare "$moot" resume >out 2>err
    expect "resume" 0 $?
    cmp -s out whole || { sort out >out.s && sort whole >whole.s && cmp -s out.s whole.s; } ||
        fault "the resumed run has another result"
    bare "$moot" verify >verify 2>&1
    expect "verify after the resume" 0 $?
    bare "$moot" show --normal >normal
    cmp -s normal normal-whole || fault "the resumed run has another normal form"
    bare "$moot" resume >out 2>err
    expect "a second resume" 2 $?
    contains "a second resume" "closed" err
}
# Stopped from elsewhere, while somebody else looks on.
rm -rf .moot
env -i HOME="$scratch/home" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
    "$moot" run quality-loop.yaml storefronts/*.html >out 2>err &
pid=$!
for _ in $(seq 100); do
    [ "$(grep -c concept err)" -ge 1 ] && break
    sleep 0.1
done
bare "$moot" runs | grep -q running || fault "moot runs does not say running"
bare "$moot" resume >out2 2>err2
[ $? -ne 0 ] || fault "a run is resumed while another process holds it"
bare "$moot" show -f >followed &
follower=$!
bare "$moot" stop 2>said
expect "moot stop" 0 $?
contains "what moot stop says" "stopped; nothing is lost" said
wait $pid
expect "exit of a run stopped from elsewhere" 0 $?
wait $follower
expect "exit of show -f" 0 $?
bare "$moot" show >shown
cmp -s shown followed || fault "show -f has not shown all of it"
bare "$moot" resume >out 2>err
expect "resume after a stop" 0 $?
sort out >out.s
sort whole >whole.s
cmp -s out.s whole.s || fault "the run stopped from elsewhere has another result"

stop_by INT 130
stop_by TERM 143
finish
