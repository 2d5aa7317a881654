# Installs what a script misses, and nothing twice. Sourced by scripts/test and scripts/readers.

# The Python environment of judges and readers.
readonly PYTHON_ENVIRONMENT=target/judges

fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

# Installs a Debian package when a command is missing.
need() {
    local command="$1" package="$2"
    command -v "$command" >/dev/null || install_package "$package" "$command"
}

install_package() {
    local package="$1" what="$2"
    if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
        fail "“$what” is missing: install it (in Debian the package $package) and start again."
    fi
    printf 'installing %s for %s\n' "$package" "$what"
    [[ -n "${apt_is_fresh:-}" ]] || apt-get update -qq
    apt_is_fresh=yes
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}

# Installs Python packages, given with their versions, into the environment.
need_python() {
    local log done_file
    log="$(mktemp)"
    done_file="$PYTHON_ENVIRONMENT/$(printf '%s ' "$@" | cksum | cut -d ' ' -f 1).done"
    need python3 python3
    [[ -e "$done_file" ]] && return
    if [[ ! -x "$PYTHON_ENVIRONMENT/bin/pip" ]]; then
        rm -rf "$PYTHON_ENVIRONMENT"
        if ! python3 -m venv "$PYTHON_ENVIRONMENT" 2>"$log"; then
            install_package python3-venv "python3 -m venv"
            python3 -m venv "$PYTHON_ENVIRONMENT"
        fi
    fi
    "$PYTHON_ENVIRONMENT/bin/pip" install --quiet --disable-pip-version-check "$@"
    touch "$done_file"
}
