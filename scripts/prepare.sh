# Sourced by run.sh and test.sh: what a machine needs before anything can be built or started.
# Sets nothing but functions; the caller has done `set -euo pipefail` and stands in the root of the repository.

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# "package program reason", one a line. Parts of the tests that need more have a case of their own.
needed_packages() {
  case "${1:-servers}" in
    servers)
      echo 'postgresql /usr/lib/postgresql/*/bin/postgres the services keep their data in PostgreSQL'
      echo 'redis-server redis-server counters, sessions and caches live in Redis'
      echo 'rabbitmq-server rabbitmq-server events travel through RabbitMQ'
      ;;
    Web)
      echo 'chromium chromium the web tests drive a real browser'
      ;;
  esac
}

# A program is there when it is on PATH (with the system folders that an ordinary user lacks) or when the pattern matches a file.
has_program() {
  PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 || compgen -G "$1" >/dev/null
}

require_sdk() {
  command -v dotnet >/dev/null 2>&1 ||
    fail 'The .NET 10 SDK is missing. Install it: https://dotnet.microsoft.com/download/dotnet/10.0'
  dotnet --version >/dev/null 2>&1 ||
    fail "The .NET SDK of global.json is missing; installed are: $(dotnet --list-sdks | tr '\n' ' '). Install SDK 10: https://dotnet.microsoft.com/download/dotnet/10.0"
}

# install_missing <yes|no> <part>...: installs what is missing with the package manager, or refuses with the command that would.
install_missing() {
  local allowed=$1 part package program reason
  shift
  local -a missing=()
  for part in "$@"; do
    while read -r package program reason; do
      if ! has_program "$program"; then
        say "Missing: $package ($reason)"
        missing+=("$package")
      fi
    done < <(needed_packages "$part")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local -a as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  local command="${as_root[*]:+${as_root[*]} }apt-get install --yes ${missing[*]}"
  command -v apt-get >/dev/null 2>&1 ||
    fail "This machine has no apt-get. Install these packages, or what your system calls them: ${missing[*]}"
  [ "$allowed" = yes ] || fail "Not installing anything (--no-install). Install it: $command"
  [ ${#as_root[@]} -eq 0 ] || command -v sudo >/dev/null 2>&1 || fail "Neither root nor sudo. As root: apt-get install --yes ${missing[*]}"

  say "Installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq </dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq --no-install-recommends "${missing[@]}" </dev/null
}

# What a build reads: `source_files -print`, or another action of find.
source_files() {
  find . -mindepth 1 \( -name bin -o -name obj -o -name .git -o -name .data -o -name TestResults -o -name node_modules \) -prune \
    -o -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name '*.razor' -o -name '*.resx' \
    -o -name '*.css' -o -name '*.js' -o -name '*.json' -o -name '*.sln' -o -name '.editorconfig' -o -name '*.html' -o -name '*.svg' -o -name '*.lua' -o -name '*.sql' \) \
    "$@"
}

# The stamp of a build holds the names of its sources, so that it shows when one was removed, or came with an old date. It is made before the build
# begins: what is saved while it runs counts as changed.
stamp_sources() { source_files -print | LC_ALL=C sort >"$1"; }

sources_changed_since() {
  [ ! -f "$1" ] || [ -n "$(source_files -newer "$1" -print -quit)" ] || ! source_files -print | LC_ALL=C sort | cmp -s - "$1"
}
