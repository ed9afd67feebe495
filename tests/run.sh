#!/bin/bash
# All tests, on a bare Debian 12: installs what is missing, builds with and without sanitizers, all
# warnings being errors, and runs everything. Ends with one line of counts; exit 0 when all passed.
#
#   bash tests/run.sh              everything
#   bash tests/run.sh dev          one build alone: dev, asan or clang
set -u
cd "$(dirname "$0")/.." || exit 1
. .ci/packages.sh
need_packages "${build_packages[@]}" "${test_packages[@]}" || exit 1
export MOOT_PACE=0 NO_COLOR=1
jobs=$(nproc)
passed=0 failed=0 skipped=0

# Peers in JavaScript, pinned by their lock files; the tests that need them skip when this fails.
for lock in tests/*/package-lock.json tests/*/*/package-lock.json; do
    [ -f "$lock" ] || continue
    (cd "$(dirname "$lock")" && npm ci --silent --no-audit --no-fund) ||
        echo "no peers for $(dirname "$lock"): their tests will be skipped" >&2
done

build() { # PRESET
    echo "== $1: build"
    local launcher=()
    command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
    cmake --preset "$1" "${launcher[@]}" >/dev/null && cmake --build --preset "$1" -- -j "$jobs" |
        grep -E 'FAILED|error|warning' || true
    cmake --build --preset "$1" -- -j "$jobs" >/dev/null
}

check() { # PRESET [CTEST-OPTION…]
    echo "== $1: test"
    local log=build/$1/ctest.log
    ctest --preset "$1" -j "$jobs" "${@:2}" 2>&1 | tee "$log" |
        grep -E '\*\*\*|Test *#.*(Failed|Skipped)|tests passed|[0-9]+ - .*\((Failed|Skipped|Timeout|SEGFAULT)'
    local now
    now=$(grep -cE '^ *[0-9]+/[0-9]+ Test .* Passed ' "$log")
    passed=$((passed + now))
    now=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*Skipped' "$log")
    skipped=$((skipped + now))
    now=$(grep -E '^ *[0-9]+/[0-9]+ Test .*\*\*\*' "$log" | grep -cv Skipped)
    failed=$((failed + now))
}

# Conversations drawn from many seeds, optimised, on every processor.
simulate() {
    echo "== sim: build and play"
    local launcher=() each=$(((${MOOT_SIM_SEEDS:-10000} + jobs - 1) / jobs)) wrong=0 pids=() i
    command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
    cmake --preset sim "${launcher[@]}" >/dev/null &&
        cmake --build --preset sim --target test_conversations -- -j "$jobs" >/dev/null || wrong=1
    for ((i = 0; wrong == 0 && i < jobs; i++)); do
        MOOT_SIM_SEEDS=$each MOOT_SIM_FROM=$((i * each)) build/sim/tests/test_conversations \
            >"build/sim/seeds.$i" 2>&1 &
        pids+=($!)
    done
    for i in "${!pids[@]}"; do
        wait "${pids[$i]}" || { wrong=1 && grep -E 'seed|ERROR' "build/sim/seeds.$i"; }
    done
    if [ $wrong -eq 0 ]; then
        echo "$((each * jobs)) seeds, none wrong"
        passed=$((passed + 1))
    else
        echo "the simulation fails: repeat a seed by MOOT_SIM_SEED=N build/sim/tests/test_conversations"
        failed=$((failed + 1))
    fi
}

# The README's first command, by somebody who has never run it.
first_run() {
    echo "== first run"
    local home
    home=$(mktemp -d)
    if env -u XDG_CONFIG_HOME -u XDG_STATE_HOME HOME="$home" bash examples/first-run.sh \
        >build/first-run.log 2>&1 && grep -q '5 sent' build/first-run.log; then
        passed=$((passed + 1))
    else
        tail -20 build/first-run.log
        failed=$((failed + 1))
    fi
    rm -rf "$home"
}

for preset in ${1:-dev asan clang}; do
    if ! build "$preset"; then
        echo "$preset does not build"
        failed=$((failed + 1))
        continue
    fi
    case $preset in
    dev) check dev ;;
    # Scripts that start the program many times are run once, without sanitizers.
    asan) check asan -LE slow ;;
    esac
done
[ $# -gt 0 ] || simulate
[ $# -gt 0 ] || first_run
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
