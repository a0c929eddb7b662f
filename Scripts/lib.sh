# Shared by the scripts of this folder: say what is missing, install it if we may, find the build.
# Sourced, never run. Every function prints what it does; nothing is hidden in a log that nobody reads.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf '\n%s\n' "$*" >&2; exit 1; }

need_swift() {
    command -v swift >/dev/null 2>&1 ||
        fail "Swift is missing. Install Swift 6.3 or newer (https://www.swift.org/install/linux/) and put it on the PATH."
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    case "$version" in
        [0-5].* | 6.[0-2]) fail "Swift $version is too old: 6.3 or newer is needed." ;;
        '') fail "'swift --version' does not answer with a version." ;;
    esac
}

# need_packages NAME...: installs the Debian packages among them that are missing.
need_packages() {
    command -v dpkg-query >/dev/null 2>&1 ||
        fail "This is not a Debian system. Install what these Debian packages hold, then run again: $*"
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "Installing Debian packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || fail "Missing Debian packages: ${missing[*]}. Install them as root, then run again."
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq || fail "apt-get update failed; these packages are missing: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "apt-get could not install: ${missing[*]}"
}

# need_python: a virtual environment in .venv with what the tests' Python peers need, pinned.
need_python() {
    local stamp=.venv/requirements.sha256 wanted
    wanted=$(sha256sum Tests/Peers/requirements.txt | cut -d ' ' -f 1)
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        say "Installing Python packages into .venv"
        python3 -m venv .venv || fail "python3 -m venv failed."
        .venv/bin/pip install -q --disable-pip-version-check -r Tests/Peers/requirements.txt ||
            fail "pip could not install Tests/Peers/requirements.txt."
        echo "$wanted" >"$stamp"
    fi
    export GUICHET_PYTHON="$root/.venv/bin/python"
}

build_packages=(libssl-dev libsqlite3-dev libpq-dev zlib1g-dev pkg-config tzdata)
talk_packages=(espeak-ng opus-tools)
# webrtcbin, ICE, DTLS and SRTP, RTP, Opus, and the bindings for the system's Python.
gstreamer_packages=(
    gstreamer1.0-nice gstreamer1.0-plugins-bad gstreamer1.0-plugins-base gstreamer1.0-plugins-good
    gir1.2-gst-plugins-bad-1.0 gir1.2-gst-plugins-base-1.0 python3-gst-1.0
)
