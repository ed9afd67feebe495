# What Debian 12 has to bring, for building and for the tests. Sourced by examples/first-run.sh and
# tests/run.sh.

build_packages=(cmake ninja-build pkg-config gcc libc6-dev libuv1-dev libcurl4-openssl-dev libcjson-dev
    libsodium-dev libsqlite3-dev libfyaml-dev libxml2-dev libedit-dev libmd4c-dev libutf8proc-dev libpcre2-dev
    libseccomp-dev bubblewrap)
test_packages=(libcmocka-dev clang clang-format python3 python3-aiosmtpd tmux git)
# Node's own packages bring npm along and cannot stand beside Debian's.
command -v npm >/dev/null || test_packages+=(nodejs npm)

# Installs what is not there yet; asks for sudo's password where that is needed.
need_packages() {
    local missing=() p as_root=()
    for p in "$@"; do
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "installing: ${missing[*]}"
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends "${missing[@]}" >/dev/null
}
