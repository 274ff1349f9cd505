#!/usr/bin/env bash
# Shared by all scripts: paths, tool versions and messages. Sourced, never run.
# Tool versions are defined here only; Cargo.toml pins the same wasm-bindgen.
set -euo pipefail

WASM_BINDGEN=0.2.130
CARGO_LEPTOS=0.3.11
GECKODRIVER=0.37.1
CARGO_DENY=0.20.2
CARGO_MACHETE=0.9.2

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# One cache for all checkouts, so that a second clone is quick.
TOOLS=${CHATBOX_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/chatbox-tools}
export PATH="$TOOLS/bin:$ROOT/node_modules/.bin:$PATH"
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

# The browsers of scripts/browsers.
export CHATBOX_FIREFOX=${CHATBOX_FIREFOX:-/usr/bin/firefox-esr}
mini_browser() { echo "${CHATBOX_MINIBROWSER:-$(find /usr/lib -path '*webkit2gtk-4*' -name MiniBrowser 2>/dev/null | sort | tail -n 1)}"; }

# The toolchain that `scripts/setup` found able to build for the browser.
if [ -f "$TOOLS/toolchain" ]; then
  RUSTUP_TOOLCHAIN=$(cat "$TOOLS/toolchain")
  export RUSTUP_TOOLCHAIN
fi

say() { printf '\033[1m▸ %s\033[0m\n' "$*" >&2; }
stop() {
  printf '\033[1;31m✗ %s\033[0m\n' "$*" >&2
  exit 1
}

# as_root <command…>: runs a command as root, or stops with an explanation.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else stop "This step needs root privileges, and sudo is not installed. Run this command as root, then try again: $*"
  fi
}

# quietly <log> <command…>: runs a command with its output in a log, which is shown only on failure.
quietly() {
  local log="$TOOLS/$1.log"
  shift
  mkdir -p "$TOOLS"
  if ! "$@" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    return 1
  fi
}
