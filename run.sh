#!/usr/bin/env bash
# Starts the whole system: installs what is missing, builds, runs. See --help.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
. scripts/prepare.sh

usage() {
  cat <<'TEXT'
Usage: ./run.sh [options] [--Key value ...]

  --verbose      print every log line of every process
  --no-install   do not install missing servers; say which command would
  --reset        delete all data first (asks; --yes does not ask)
  --data FOLDER  keep the data there instead of .data
  --release      build and run the Release configuration
  --Key value    configuration, for example --Gateway:Port 8081

Environment: UseAspire=true|false chooses the engine; DOTNET_ENVIRONMENT (Development), BOTGENERIC_DATA (the data folder).
TEXT
}

install=yes reset=no yes=no configuration=Debug
data=${BOTGENERIC_DATA:-$PWD/.data}
arguments=()
while [ $# -gt 0 ]; do
  # The engine reads keys in any case: what it takes for the data folder must be what --reset deletes.
  case "${1,,}" in
    --help | -h) usage; exit 0 ;;
    --no-install) install=no ;;
    --reset) reset=yes ;;
    --yes) yes=yes ;;
    --release) configuration=Release ;;
    --data)
      [ $# -gt 1 ] || fail '--data needs a folder.'
      data=$2
      shift
      ;;
    --data=*) data=${1#*=} ;;
    --verbose) arguments+=("$1") ;;
    --*:*=* | --publicurl=*) arguments+=("$1") ;;
    --*:* | --publicurl)
      [ $# -gt 1 ] || fail "$1 needs a value."
      arguments+=("$1" "$2")
      shift
      ;;
    *) fail "Unknown option $1. See ./run.sh --help" ;;
  esac
  shift
done
[ -n "$data" ] || fail '--data needs a folder.'
case "$data" in
  /*) ;;
  *) data=$caller/$data ;;
esac

# Deletes the data folder, and the servers' data where that had to be kept outside of it.
reset_data() {
  [ -d "$data" ] || return 0
  local servers=""
  [ ! -f "$data/servers.location" ] || servers=$(cat "$data/servers.location")
  if [ -f "$data/engine.lock" ] && ! flock --nonblock "$data/engine.lock" true; then
    fail "The system is running on $data. Stop it first."
  fi
  if [ "$yes" = no ]; then
    [ -t 0 ] || fail "This deletes all data in $data. Say --reset --yes to do it without a question."
    read -r -p "Delete all data in $data${servers:+ and $servers}? [y/N] " answer
    [ "$answer" = y ] || fail 'Nothing was deleted.'
  fi
  case "$servers" in
    /var/lib/bot-generic/?*) rm -rf -- "$servers" ;;
  esac
  rm -rf -- "$data"
  say "Deleted all data in $data."
}

container_engine_answers() {
  timeout 3 docker info >/dev/null 2>&1 && return 0
  # Aspire needs Podman 5.
  local version
  version=$(timeout 3 podman info --format '{{.Version.Version}}' 2>/dev/null) && [ "${version%%.*}" -ge 5 ]
}

aspire_restores() {
  timeout 180 dotnet restore AppHost/BotGeneric.AppHost.csproj -p:UseAspire=true -v:q >/dev/null 2>&1
}

require_sdk
[ "$reset" = no ] || reset_data

if [ -z "${UseAspire:-}" ]; then
  if container_engine_answers && aspire_restores; then UseAspire=true; else UseAspire=false; fi
fi
export UseAspire
if [ "$UseAspire" = true ]; then
  # The native engine says the like itself.
  say 'Engine: Aspire, servers in containers. For servers as plain processes: UseAspire=false ./run.sh'
else
  install_missing "$install" servers
fi

stamp="AppHost/obj/run-$configuration-$UseAspire.stamp"
if sources_changed_since "$stamp" || [ ! -f "AppHost/bin/$configuration/net10.0/BotGeneric.AppHost.dll" ]; then
  say 'Building...'
  rm -f AppHost/obj/run-*.stamp
  started=$(mktemp)
  stamp_sources "$started"
  dotnet build AppHost/BotGeneric.AppHost.csproj -c "$configuration" -v:q --nologo -clp:NoSummary
  mv "$started" "$stamp"
fi

export DOTNET_ENVIRONMENT=${DOTNET_ENVIRONMENT:-Development}
if [ "$UseAspire" = true ]; then
  exec dotnet run --project AppHost --no-build -c "$configuration" -- "${arguments[@]}"
fi
exec dotnet "AppHost/bin/$configuration/net10.0/BotGeneric.AppHost.dll" --data "$data" "${arguments[@]}"
