#!/bin/bash
# libcurl and libxml2 are opened when they are first used: the program starts and runs a script without
# them, and what needs one says so and what to install.
#   first_use.sh MOOT SOURCE
source "$(dirname "$0")/../lib/e2e.bash" "$1" "$2"
cd "$scratch" || exit 1
cp "$source_dir/examples/hello/"*.yaml .
printf 'crew: net\nmodels: {default: openai/x}\ntasks:\n  answer: {prompt: "{question}"}\n' >net.yaml
printf 'crew: page\nmodels: {default: scripted/replies.yaml}\ninput: page\ntasks:\n  answer: {prompt: "{page.text}"}\n' >page.yaml
echo '<p>Socks come in threes.' >socks.html

expect "neither is loaded at the start" "" \
    "$(LD_TRACE_LOADED_OBJECTS=1 "$moot" | grep -E 'libcurl|libxml2|libssl|libicu')"

# Files that are no libraries stand before the real ones, as if those were not there.
mkdir missing
: >missing/libcurl.so.4
: >missing/libxml2.so.2
bare_more=(LD_LIBRARY_PATH="$scratch/missing" OPENAI_API_KEY=x)
bare "$moot" run hello.yaml question=x >out 2>&1 </dev/null || fault "a scripted run needs neither: $(cat out)"
bare "$moot" run net.yaml question=x --trust >out 2>&1 </dev/null && fault "a request without libcurl succeeded"
contains "a request" "a request over the network needs a library that cannot be used: " out
contains "a request" "libcurl.so.4" out
bare "$moot" run page.yaml socks.html >out 2>&1 </dev/null && fault "a page without libxml2 succeeded"
contains "a page" "error: socks.html: reading a page needs a library that cannot be used: " out
contains "a page" "apt install libxml2" out

# With the real ones the page is read.
bare_more=()
bare "$moot" run page.yaml socks.html >out 2>&1 </dev/null || fault "a page: $(cat out)"
[ "$faults" -eq 0 ]
