#!/bin/bash
# What `cmake --install` puts in place is enough for others: the program runs, and a C program finds
# headers and library by pkg-config.
#   install.sh MOOT SOURCE
set -eu
build=$(cd "$(dirname "$1")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if grep -q 'MOOT_SANITIZE:BOOL=ON' "$build/CMakeCache.txt"; then
    echo "skipped: a library with sanitizers is not for installing"
    exit 77
fi
cmake --install "$build" --prefix "$scratch/root" >"$scratch/log"
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$scratch/root" -name moot.pc)")
cat >"$scratch/user.c" <<'C'
#include <moot/agent.h>
#include <stdio.h>
int main(void)
{
    if (moot_init() != 0)
        return 1;
    printf("%s %s\n", MOOT_VERSION, moot_kind_text(MOOT_VERDICT));
    moot_shutdown();
    return 0;
}
C
# shellcheck disable=SC2046
${CC:-cc} -std=c17 -Wall -Wextra -Wpedantic -Werror -o "$scratch/user" "$scratch/user.c" \
    $(pkg-config --define-variable=prefix="$scratch/root" --cflags --libs moot)
lib=$(dirname "$(find "$scratch/root" -name libmoot.so)")
version=$(pkg-config --modversion moot)
[ "$(LD_LIBRARY_PATH=$lib "$scratch/user")" = "$version verdict" ]
"$scratch/root/bin/moot" --version | grep -qF "$version"
# Nothing of the inside is to be seen.
! nm -D --defined-only "$lib/libmoot.so" | grep -E ' T ' | grep -vE ' moot_[a-z]'
