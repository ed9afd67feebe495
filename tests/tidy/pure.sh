#!/bin/bash
# Agents, roles and the pure runtime ask nothing of the system: every symbol they import is on this
# list. Usage: pure.sh SOURCE BUILD
build=${2:?usage: pure.sh SOURCE BUILD}
command -v nm >/dev/null || { echo "no nm"; exit 77; }
libraries=("$build/libmoot_agents.a" "$build/libmoot_roles.a" "$build/libmoot_pure.a")
for f in "${libraries[@]}"; do
    [ -f "$f" ] || { echo "not built: $f"; exit 77; }
done

own='moot_.*'
texts='str(len|nlen|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk|dup)|mem(cpy|move|set|cmp|chr)|explicit_bzero'
memory='malloc|calloc|realloc|free|qsort'
words='v?snprintf|__v?snprintf_chk|__mem(cpy|set|move)_chk|__str.*_chk'
wrong='abort|fprintf|__fprintf_chk|stderr|__stack_chk_fail' # MOOT_ASSERT
numbers='__u?(div|mod)ti3|__udivmodti4'
made='__(asan|ubsan|sanitizer|sancov|gcov|llvm)_.*|_GLOBAL_OFFSET_TABLE_|__ctype_b_loc'
others='cJSON_.*|crypto_.*|sodium_.*|utf8proc_.*|pcre2_.*|fy_.*'
allowed="^($own|$texts|$memory|$words|$wrong|$numbers|$made|$others)\$"

# yaml.c reads the files it is told to; nothing in agents/ or roles/ includes it.
found=$(nm -uA "${libraries[@]}" 2>/dev/null | grep -v ':yaml\.c\.o:' |
    sed 's/^[^:]*:\([^:]*\)\.o: *[Uvw] */\1 /' | sed 's/@.*//' |
    awk -v allowed="$allowed" 'NF == 2 && $2 !~ allowed' | sort -u)
[ -z "$found" ] && exit 0
echo "what is pure calls what is not:"
echo "$found"
exit 1
