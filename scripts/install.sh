# Finds and installs the programs that a script needs. Sourced by the other scripts.

# The requirements of each part: a command, a file, `import=` a Python module or `lang=` a language that a font covers;
# after the colon, the Debian packages that provide it.
readonly TESTS_NEED=(cc:build-essential)
readonly FUZZ_NEEDS=(c++:g++)
readonly DEPLOYMENT_NEEDS=(openssl:openssl curl:curl python3:python3 nginx:nginx-light caddy:caddy systemd-analyze:systemd)
# FreshRSS's parser is a PHP library.
readonly SIMPLEPIE=/usr/share/php/simplepie/autoloader.php
readonly READERS_NEED=(newsboat:newsboat r2e:rss2email sfeed_update:sfeed gpo:gpodder curl:curl timeout:coreutils jing:jing
    python3:python3 import=ensurepip:python3-venv php:php-cli "$SIMPLEPIE:php-xml libphp-simplepie")
# Without these fonts, Arabic, Chinese and emoji would be boxes, with other widths than the letters.
readonly BROWSER_NEEDS=(chromium:chromium node:nodejs npm:npm sfeed_web:sfeed fc-list:fontconfig
    lang=ar:fonts-noto-core lang=zh:fonts-noto-cjk lang=und-zsye:fonts-noto-color-emoji)
readonly FAULTS_NEED=(unshare:util-linux mount:mount faketime:faketime)
readonly FEEDS_NEED=(xmllint:libxml2-utils jing:jing curl:curl python3:python3 import=ensurepip:python3-venv)

# The Python environment of validators and readers.
readonly PYTHON_ENVIRONMENT=target/python

fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

is_there() {
    case "$1" in
        /*) [[ -e "$1" ]] ;;
        import=*) python3 -c "import ${1#import=}" 2>/dev/null ;;
        lang=*) fc-list ":${1}" 2>/dev/null | grep -q . ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# Installs the Debian packages of missing requirements if it runs as root, else prints the command that does.
need() {
    local entry missing=() packages=()
    PATH="$PATH:/usr/sbin"
    for entry in "$@"; do
        is_there "${entry%%:*}" && continue
        missing+=("${entry%%:*}")
        # shellcheck disable=SC2206 # several packages
        packages+=(${entry#*:})
    done
    ((${#missing[@]} == 0)) && return
    local install="apt-get install -y --no-install-recommends ${packages[*]}"
    if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
        fail "Missing: ${missing[*]}. In Debian and Ubuntu this installs them:
  sudo $install"
    fi
    printf '%s\n' "$install"
    apt-get update -qq
    # php-cli comes first, because apt would otherwise install a web server with the libraries.
    if [[ " ${packages[*]} " == *" php-cli "* ]]; then
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends php-cli >/dev/null
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
    for entry in "$@"; do is_there "${entry%%:*}" || fail "“${entry%%:*}” is missing after the installation of ${entry#*:}."; done
}

# Installs missing cargo tools, given with their versions.
need_cargo() {
    local tool missing=()
    for tool in "$@"; do
        local name="${tool%@*}"
        command -v "${name%-cli}" >/dev/null || missing+=("$tool")
    done
    ((${#missing[@]} == 0)) && return
    printf 'cargo install --locked %s (some minutes, once)\n' "${missing[*]}"
    cargo install --locked --quiet "${missing[@]}"
    for tool in "${missing[@]}"; do
        tool="${tool%@*}"
        command -v "${tool%-cli}" >/dev/null || fail "“${tool%-cli}” was installed and is not found: is cargo's bin folder in PATH?"
    done
}

# Installs Python packages, given with their versions, into the environment.
need_python() {
    local done_file
    done_file="$PYTHON_ENVIRONMENT/$(printf '%s ' "$@" | cksum | cut -d ' ' -f 1).done"
    [[ -e "$done_file" ]] && return
    if [[ ! -x "$PYTHON_ENVIRONMENT/bin/pip" ]]; then
        rm -rf "$PYTHON_ENVIRONMENT"
        python3 -m venv "$PYTHON_ENVIRONMENT"
    fi
    "$PYTHON_ENVIRONMENT/bin/pip" install --quiet --disable-pip-version-check "$@"
    touch "$done_file"
}
