#!/bin/bash
# Runs against an endpoint that misbehaves in one way each: what heals is healed, what does not says what to do.
set -u
moot=$(readlink -f "$1")
source=$2
command -v node >/dev/null || { echo "SKIPPED: node is not here"; exit 77; }
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
dir=$(mktemp -d)
double=
cleanup() {
    [ -n "$double" ] && kill "$double" 2>/dev/null
    rm -rf "$dir"
}
trap cleanup EXIT
export HOME=$dir XDG_CONFIG_HOME=$dir/config XDG_STATE_HOME=$dir/state OPENAI_API_KEY=sk-test-0123456789-4f2a
cat >"$dir/crew.yaml" <<'CREW'
crew: probe
tasks:
  name:
    prompt: "Find a name for {thing}"
    output: {name: "text 3..40 characters", why: text}
CREW
faults=0

# try NAME WANTED-EXIT REQUESTS PATTERN FAULT-WORDS...: the run's exit status, how many requests it took (-: any),
# and a pattern in all that it says.
try() {
    local name=$1 wanted=$2 requests=$3 pattern=$4
    shift 4
    rm -f "$dir/log" "$dir/port"
    node "$source/tests/lib/openai_double.mjs" --log "$dir/log" "$@" >"$dir/port" &
    double=$!
    for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.05; done
    export OPENAI_BASE_URL=http://127.0.0.1:$(cat "$dir/port")/v1
    (cd "$dir" && timeout 120 "$moot" run crew.yaml --trust --model "${model:-openai/double}" thing=ship) \
        >"$dir/out" 2>&1 </dev/null
    local got=$?
    kill "$double" 2>/dev/null
    wait "$double" 2>/dev/null
    double=
    local sent
    sent=$(grep -c '"method":"POST"' "$dir/log" 2>/dev/null)
    if [ "$got" != "$wanted" ] || { [ "$requests" != - ] && [ "${sent:-0}" != "$requests" ]; } ||
        ! grep -Eq "$pattern" "$dir/out"; then
        echo "FAULT $name: exit $got (not $wanted), $sent requests (not $requests), or no '$pattern' in:"
        cat "$dir/out"
        faults=$((faults + 1))
    fi
    if grep -rq "sk-test-0123456789" "$dir/out" "$dir/.moot" 2>/dev/null; then
        echo "FAULT $name: the key was written down"
        faults=$((faults + 1))
    fi
}

try "a good endpoint" 0 1 '"name"|done'
try "two overloads" 0 3 'done' --fault 503:2
try "a rate limit" 0 2 'done' --fault 429:1
try "a stream that is cut" 0 2 'done' --fault cut:1
try "an empty reply" 0 2 'done' --fault empty:1
try "a proxy's page" 0 2 '502 Bad Gateway' --fault html:1
try "a torn connection" 0 - 'done' --fault reset:1
try "no schemas" 0 2 'done' --fault noschema
try "words instead of JSON" 0 2 'done' --fault notjson:1
try "JSON that does not fit" 0 2 'done' --fault badschema:1
try "a refused key" 1 1 'openai refused the key in OPENAI_API_KEY \(ends in …4f2a\): 401' --fault 401
# What a person can mend ends no run: it is kept, and taken up with the same call.
kept() {
    node "$source/tests/lib/openai_double.mjs" --log "$dir/log" --fault 401:1 >"$dir/port" &
    double=$!
    for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.05; done
    export OPENAI_BASE_URL=http://127.0.0.1:$(cat "$dir/port")/v1
    (cd "$dir" && timeout 120 "$moot" run crew.yaml --trust --model openai/double thing=ship
     echo "exit $?"; timeout 120 "$moot" resume; echo "exit $?"; "$moot" verify; echo "exit $?") \
        >"$dir/out" 2>&1 </dev/null
    kill "$double" 2>/dev/null
    wait "$double" 2>/dev/null
    double=
    if [ "$(grep '^exit' "$dir/out" | tr '\n' ' ')" != "exit 1 exit 0 exit 0 " ] ||
        ! grep -Eq 'run .* is kept: moot resume' "$dir/out"; then
        echo "FAULT a key that is mended:"
        cat "$dir/out"
        faults=$((faults + 1))
    fi
}
rm -f "$dir/port"
kept
try "a web page" 1 1 'answers with a web page instead of an API' --fault page
model=openai/doubel try "a model that is not there" 1 1 "openai has no model 'doubel'" --fault 404
try "a request that is too long" 1 - 'too long' --fault long
[ $faults -eq 0 ] && echo "model: 14 endpoints, no fault"
exit $((faults > 0))
