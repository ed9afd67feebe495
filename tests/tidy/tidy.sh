#!/bin/bash
# The rules of docs/STYLE.md that a program can check.
#   tidy.sh SOURCE [BUILD]     BUILD: a build folder; without it what the objects need is not checked
set -u
source_dir=${1:-.}
build_dir=${2:-}
cd "$source_dir" || exit 1
export LC_ALL=C.UTF-8

complain() { # FILE[:LINE] TEXT
    echo "$1: $2" | tee -a "$plain/faults"
}

# Every line of standard input ("file:line:…") is a fault.
complain_lines() { # TEXT
    local line
    while IFS= read -r line; do
        complain "$(cut -d: -f1,2 <<<"$line")" "$1: $(cut -d: -f3- <<<"$line" | sed 's/^ *//')"
    done
}

if git rev-parse --git-dir >/dev/null 2>&1; then
    mapfile -t all < <(git ls-files --cached --others --exclude-standard | while IFS= read -r f; do
        [ -f "$f" ] && echo "$f"; done)
else
    mapfile -t all < <(find . -path ./build -prune -o -path '*/node_modules' -prune -o -type f -print |
        sed 's|^\./||')
fi
code=() own=() scripts=()
for f in "${all[@]}"; do
    case $f in
    *.c | *.h) code+=("$f") ;;
    *.sh | *.mjs | .ci/run | */CMakeLists.txt | CMakeLists.txt) scripts+=("$f") ;;
    esac
    case $f in
    runtime/*.[ch] | agents/*.[ch] | roles/*.[ch] | cli/*.[ch] | include/moot/*.h) own+=("$f") ;;
    esac
done

# The code without comments and without the insides of strings, line for line, under $plain.
plain=$(mktemp -d) || exit 1
trap 'rm -rf "$plain"' EXIT
: >"$plain/faults"
cat >"$plain/strip.awk" <<'AWK'
{
    line = $0; out = ""; n = length(line)
    for (i = 1; i <= n; i++) {
        c = substr(line, i, 1); two = substr(line, i, 2)
        if (inside) { if (two == "*/") { inside = 0; i++ } ; continue }
        if (two == "/*") { inside = 1; i++; continue }
        if (two == "//") break
        if (c == "\"" && line !~ /^ *#include/) {
            out = out c
            for (i++; i <= n && (d = substr(line, i, 1)) != "\""; i++) if (d == "\\") i++
        }
        if (c == "'") {
            out = out c
            for (i++; i <= n && (d = substr(line, i, 1)) != "'"; i++) if (d == "\\") i++
        }
        out = out c
    }
    print out
}
AWK
for f in "${code[@]}"; do
    mkdir -p "$plain/$(dirname "$f")"
    awk -f "$plain/strip.awk" "$f" >"$plain/$f"
done
search() { # PATTERN FILE...: grep in the stripped code
    local pattern=$1
    shift
    [ $# -gt 0 ] || return 0
    (cd "$plain" && grep -nHE -- "$pattern" "$@")
}

# 1. The top level.
top='CMakeLists\.txt|CMakePresets\.json|agents|runtime|roles|examples|tests|docs|README\.md|include|cli|LICENSE|\..+'
printf '%s\n' "${all[@]}" | sed 's|/.*||' | sort -u | grep -vxE "$top" | sed 's/$/:0:/' |
    complain_lines "does not belong to the top level"

# 2. Include direction.
rank() {
    case $1 in
    include/moot/* | moot/*) echo 0 ;;
    runtime/*) echo 1 ;;
    agents/*) echo 2 ;;
    roles/crew*) echo 4 ;;
    roles/*) echo 3 ;;
    cli/*) echo 5 ;;
    examples/*) echo 0 ;;
    *) echo 9 ;;
    esac
}
# What the pure floors may know of runtime/.
pure=' status buf sm json decimal hash utf8 regex schema shortform expr template effects scope trim near map turns '
pure_run="$pure message price run policy request "
for f in "${code[@]}"; do
    mine=$(rank "$f")
    while IFS=: read -r line _ included; do
        target=$included
        case $target in moot/*) target=include/$target ;; esac
        [ -f "$target" ] || complain "$f:$line" "\"$included\" is not a path from the root of the tree"
        [ "$(rank "$target")" -le "$mine" ] || complain "$f:$line" "\"$included\" stands above this floor"
        base=$(basename "$included" .h)
        case $f:$included in
        agents/*:runtime/* | roles/[!c]*:runtime/* | roles/c[!r]*:runtime/*)
            [[ $pure == *" $base "* ]] || complain "$f:$line" "\"$included\" is not pure" ;;
        runtime/run.[ch]:runtime/* | runtime/run_*.[ch]:runtime/* | runtime/policy.[ch]:runtime/*)
            [[ $pure_run == *" $base "* ]] || complain "$f:$line" "\"$included\" is not pure" ;;
        esac
        case $f:$included in
        agents/*:moot/crew.h | roles/[!c]*:moot/crew.h) complain "$f:$line" "crew.h is for watchers" ;;
        roles/crew*) ;;
        roles/*:roles/crew*) complain "$f:$line" "a role does not know the crew file" ;;
        esac
    done < <(grep -nE '^#include "' "$f" | sed -E 's/^([0-9]+):#include "([^"]*)".*/\1::\2/')
done
search '^ *# *include <' "${own[@]}" | grep '^include/moot/' |
    grep -vE '<(stddef|stdint|stdbool|stdarg|stdio|limits|inttypes)\.h>' |
    complain_lines "the public API needs the C standard library alone"

# 3. One home for each third-party header.
home() { # HEADER-PATTERN FILE-PATTERN
    search "^ *# *include <$1" "${own[@]}" | grep -vE "^($2):" |
        complain_lines "this header's home is $2"
}
home 'cjson/' 'runtime/json[a-z_]*\.c'
home 'sodium' 'runtime/(sign|hash)[a-z_]*\.c'
home 'curl/' 'runtime/(http|loop|mail)[a-z_]*\.[ch]'
home 'uv\.h' 'runtime/loop[a-z_]*\.[ch]'
home 'sqlite3' 'runtime/journal[a-z_]*\.[ch]'
home 'libfyaml' 'runtime/yaml[a-z_]*\.[ch]'
home 'libxml/' 'runtime/page[a-z_]*\.[ch]'
home 'utf8proc' 'runtime/utf8\.c'
home 'pcre2' 'runtime/regex\.c'
home 'seccomp' 'runtime/sandbox[a-z_]*\.c'
home '(editline/|histedit)' 'cli/term[a-z_]*\.[ch]'

# 4. Calls and words that have no place here.
search '\b(strcpy|strcat|sprintf|vsprintf|strncpy|strncat|gets|strtok|atoi|atol|atof|system|popen|alloca|tmpnam|mktemp)\(' \
    "${own[@]}" | grep -v '^runtime/banned\.h:' | complain_lines "a banned call (banned.h says what instead)"
search '\btypedef (struct|union|enum)\b' "${own[@]}" | complain_lines "no typedef of a struct"
search '^static .*\bmoot__[a-z_]+\(' "${own[@]}" | complain_lines "a static function has no prefix"
pure_code=()
for f in "${own[@]}"; do
    case $f in
    agents/* | roles/[!c]* | roles/c[!r]* | runtime/run.[ch] | runtime/run_*.[ch] | runtime/policy.[ch])
        pure_code+=("$f") ;;
    esac
done
search '\b(float|double|long double)\b' "${pure_code[@]}" | complain_lines "integers and ratios only"
search '\b(time|clock|clock_gettime|gettimeofday|rand|random|getenv|open|fopen|read|write|printf|fprintf|puts)\(' \
    "${pure_code[@]}" | complain_lines "a pure floor does no I/O and knows no time"
marker="TO""DO|FIX""ME|X""XX|HA""CK"
for f in "${own[@]}" "${scripts[@]}"; do
    grep -nHE "\b($marker)\b" "$f"
done | complain_lines "a leftover marker"

# 5. Sizes.
for f in "${code[@]}" "${scripts[@]}"; do
    lines=$(wc -l <"$f")
    [ "$lines" -le 800 ] || complain "$f" "$lines lines; 800 at most"
done
for f in "${code[@]}"; do
    grep -nHE '^.{101,}' "$f"
done | complain_lines "more than 100 columns"
for f in "${scripts[@]}"; do
    grep -nHE '^.{131,}' "$f"
done | complain_lines "more than 130 columns"
for f in "${own[@]}"; do
    awk -v f="$f" '/^\{$/ { start = NR } /^\}/ && start { if (NR - start - 1 > 70)
        print f ":" start ": " NR - start - 1 " lines"; start = 0 }' "$f"
done | complain_lines "a function has 70 lines at most"
grep -nHP '\t| +$' "${own[@]}" | complain_lines "a tab, or space at the end of the line"

# 6. File names are unique.
# A public header may bear the name of what it is the face of.
printf '%s\n' "${code[@]}" | grep -v '^include/moot/' | sed 's|.*/||' | sort | uniq -d |
    sed 's/$/:0:/' | complain_lines "two files bear this name"

# 7. Every file has its unit test: X_y.c that of X.c if it has none of its own.
for f in "${own[@]}"; do
    case $f in runtime/*.c | agents/*.c | roles/*.c) ;; *) continue ;; esac
    name=$(basename "$f" .c)
    while [ ! -f "tests/unit/test_$name.c" ] && [[ $name == *_* ]]; do name=${name%_*}; done
    [ -f "tests/unit/test_$name.c" ] ||
        ls tests/unit/test_"$name"_*.c tests/sim/test_"$name"*.c >/dev/null 2>&1 ||
        complain "$f" "has no unit test tests/unit/test_$(basename "$f" .c).c"
done

# 8. The tree knows nothing of the machine it was made on, and fetches nothing by itself.
machine="/wo""rk/|regis""try\.npmjs|pypi\.or""g|deb\.debi""an|crates\.i""o|proxy\.gola""ng"
for f in "${all[@]}"; do
    case $f in *.html | *.sse | *.bin) continue ;; esac
    grep -nIHE "$machine" "$f"
done | complain_lines "a path or host of one machine"

# 9. What the objects need: the pure floors stand on the pure floor and on a few functions of C.
allowed='mem(cpy|move|set|cmp|chr|mem)|str(len|nlen|cmp|ncmp|casecmp|ncasecmp|chr|rchr|str|spn|cspn|pbrk|n?dup)'
allowed="^($allowed|v?snprintf|malloc|calloc|realloc|free|qsort|bsearch|abort"
allowed="$allowed|__stack_chk_fail|__.*_chk|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan)_.*)$"
needs() { # ARCHIVE [OBJECT...]: symbols it needs
    nm -u "$@" 2>/dev/null | awk 'NF == 2 && $1 == "U" { print $2 }' | sort -u
}
gives() {
    nm -g --defined-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u
}
if [ -n "$build_dir" ] && command -v nm >/dev/null && [ -f "$build_dir/libmoot_pure.a" ]; then
    archives=()
    for name in pure agents roles; do
        [ -f "$build_dir/libmoot_$name.a" ] && archives+=("$build_dir/libmoot_$name.a")
    done
    upper=("${archives[@]:1}")
    if [ ${#upper[@]} -gt 0 ]; then
        comm -23 <(needs "${upper[@]}") <(gives "${archives[@]}") | grep -vE "$allowed" |
            sed 's/^/agents, roles:0:/' | complain_lines "a pure floor needs"
    fi
    objects=()
    for name in run policy; do
        for o in "$build_dir"/CMakeFiles/moot_pure.dir/runtime/"$name"{,_*}.c.o; do
            [ -f "$o" ] && objects+=("$o")
        done
    done
    if [ ${#objects[@]} -gt 0 ]; then
        comm -23 <(needs "${objects[@]}") <(gives "${archives[0]}") | grep -vE "$allowed" |
            sed 's/^/run, policy:0:/' | complain_lines "a pure file needs"
    fi
    for a in "$build_dir"/libmoot_*.a; do
        gives "$a" | grep -vE '^(moot_|__asan|__odr_asan|__ubsan)' |
            sed "s|^|$(basename "$a"):0:|" | complain_lines "a name without the prefix moot_"
    done
fi

faults=$(wc -l <"$plain/faults")
if [ "$faults" -gt 0 ]; then
    echo "$faults faults"
    exit 1
fi
echo "tidy: ${#own[@]} files of code, no fault"
