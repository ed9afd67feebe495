#!/bin/bash
# Whether all C code is formatted as .clang-format says.
#   format.sh SOURCE
cd "${1:-.}" || exit 1
if ! command -v clang-format >/dev/null; then
    echo "skipped: no clang-format here"
    exit 77
fi
find agents runtime roles cli include examples tests -name node_modules -prune -o \
    -name '*.[ch]' -print0 2>/dev/null | xargs -0 clang-format --dry-run -Werror 2>&1 |
    grep -E 'error|warning' | sort -u | head -40
[ "${PIPESTATUS[1]}" -eq 0 ] && echo "format: no fault"
