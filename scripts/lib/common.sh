# Shared by every script here: strict mode, the repository's root, one way to speak, one way to become root.
# shellcheck shell=bash

set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly repository

# One line that says what is being done.
say() { printf '==> %s\n' "$*"; }

# A message on standard error and the end, non-zero.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Runs a command as root: as it stands for root, through sudo for anybody else. Never asks for a password in the
# middle of a run: a machine that wants one is told what to do instead.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo --non-interactive true 2>/dev/null; then
        sudo --non-interactive -- "$@"
    else
        fail "this step needs root: run it as root, or give this user sudo without a password (sudo -v just before helps too)"
    fi
}
