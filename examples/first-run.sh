#!/bin/bash
# From a bare Debian 12 to a first run: installs the libraries, builds the program, runs the plug-in
# promoter offline.
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh
need_packages "${build_packages[@]}"
cmake --preset release >/dev/null
cmake --build --preset release
moot=$PWD/build/release/moot
cd examples/shopify-promoter
"$moot" run quality-loop.yaml storefronts/*.html
echo
echo "The program is build/release/moot; what to try next stands in docs/guide.md."
