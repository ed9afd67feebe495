#!/bin/bash
# Writes docs/errors.md out of the errors that tests/e2e/errors.sh has seen.
#   errors_md.sh SOURCE
export LC_ALL=C.UTF-8
cat <<'MD'
# Errors

What `moot` says when something is wrong, and what to do then: what was tried, on what, why it failed, and
below it what to type. Made from `tests/data/errors/` by `tests/lib/errors_md.sh`; each was seen by a test.

The exit codes: 0 done · 1 failed, or some item failed or was rejected · 2 wrong usage or crew file, or a crew
that is not trusted · 3 bad signature · 4 chain break · 5 incomplete · 6 unknown or revoked key · 7 malformed ·
8 limit · 9 no progress · 10 waits for a person · 11 disk full or input/output error · 130 ctrl-C · 143 SIGTERM.
MD
for file in "$1"/tests/data/errors/*.txt; do
    printf '\n## %s\n\n```\n' "$(head -1 "$file" | sed 's/^# //')"
    tail -n +2 "$file" | grep -v '^@ '
    printf '```\n'
done
