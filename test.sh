#!/usr/bin/env bash
# Runs the tests: all of them, or the parts that are named. See --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. scripts/prepare.sh

usage() {
  cat <<'TEXT'
Usage: ./test.sh [--no-install] [part ...]

  ./test.sh            everything: build, code style, every test project
  ./test.sh Billing    tests/BotGeneric.Billing.Tests only

BOTGENERIC_TEST_POSTGRES, BOTGENERIC_TEST_REDIS and BOTGENERIC_TEST_RABBITMQ name servers to use instead of starting some.
The last line is "N passed, N failed, N skipped"; the exit code is 0 only when nothing failed.
TEXT
}

install=yes
parts=()
for argument in "$@"; do
  case "$argument" in
    --help | -h) usage; exit 0 ;;
    --no-install) install=no ;;
    *) parts+=("$argument") ;;
  esac
done

work=$(mktemp -d)
servers=""
summarised=no
cleanup() {
  local code=$?
  # Only what this script started, by its process id.
  if [ -n "$servers" ] && kill -TERM "$servers" 2>/dev/null; then wait "$servers" 2>/dev/null || true; fi
  rm -rf "$work"
  # The line that everything ends with, also when an SDK, a package or the build is missing; but not after a signal.
  if [ "$summarised" = no ] && [ "$code" -ne 0 ] && [ "$code" -lt 128 ]; then say '0 passed, 1 failed, 0 skipped'; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

projects=()
if [ ${#parts[@]} -eq 0 ]; then
  for project in tests/BotGeneric.*.Tests/*.csproj; do projects+=("$project"); done
  # Chromium is fetched only when there are tests that use it.
  [ ! -d tests/BotGeneric.Web.Tests ] || parts=(Web)
  whole=yes
else
  for part in "${parts[@]}"; do
    project="tests/BotGeneric.$part.Tests/BotGeneric.$part.Tests.csproj"
    [ -f "$project" ] || fail "There is no $project. Parts: $(ls -d tests/BotGeneric.*.Tests | sed 's/.*BotGeneric\.\(.*\)\.Tests/\1/' | tr '\n' ' ')"
    projects+=("$project")
  done
  whole=no
fi

broken() {
  say "Failed: $1"
  exit 1
}

require_sdk
# The system tests start the build output: it must be the one for the native engine, whatever packages the machine has.
export UseAspire=false
install_missing "$install" servers "${parts[@]}"

tool=tests/BotGeneric.TestRun
say 'Building...'
if [ "$whole" = yes ]; then
  dotnet build BotGeneric.sln -v:q --nologo -clp:NoSummary || broken 'the build'
else
  for project in "$tool/BotGeneric.TestRun.csproj" "${projects[@]}"; do
    dotnet build "$project" -v:q --nologo -clp:NoSummary || broken "the build of $project"
  done
fi

if [ -z "${BOTGENERIC_TEST_POSTGRES:-}" ] || [ -z "${BOTGENERIC_TEST_REDIS:-}" ] || [ -z "${BOTGENERIC_TEST_RABBITMQ:-}" ]; then
  say 'Starting PostgreSQL, Redis and RabbitMQ...'
  dotnet "$tool/bin/Debug/net10.0/BotGeneric.TestRun.dll" servers "$work/servers.env" $$ &
  servers=$!
  while [ ! -f "$work/servers.env" ]; do
    kill -0 "$servers" 2>/dev/null || broken 'the servers for the tests did not start'
    sleep 0.2
  done
  given_postgres=${BOTGENERIC_TEST_POSTGRES:-} given_redis=${BOTGENERIC_TEST_REDIS:-} given_rabbitmq=${BOTGENERIC_TEST_RABBITMQ:-}
  . "$work/servers.env"
  # What was given wins over what was started.
  export BOTGENERIC_TEST_POSTGRES=${given_postgres:-$BOTGENERIC_TEST_POSTGRES}
  export BOTGENERIC_TEST_REDIS=${given_redis:-$BOTGENERIC_TEST_REDIS}
  export BOTGENERIC_TEST_RABBITMQ=${given_rabbitmq:-$BOTGENERIC_TEST_RABBITMQ}
fi

failed_steps=()
rm -rf TestResults
mkdir TestResults
for project in "${projects[@]}"; do
  name=$(basename "$project" .csproj)
  say "== $name"
  results="TestResults/$name"
  dotnet test "$project" --no-build --nologo -v:q --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
    --blame-hang-timeout 8min --blame-hang-dump-type none </dev/null ||
    # Failed tests are counted from the results; a run that left none failed as a whole.
    [ -f "$results/$name.trx" ] || failed_steps+=("$name ended without results")
done

if [ "$whole" = yes ]; then
  say '== code style'
  dotnet format BotGeneric.sln --verify-no-changes --no-restore || failed_steps+=('code style: run dotnet format')
fi

dotnet "$tool/bin/Debug/net10.0/BotGeneric.TestRun.dll" summary TestResults "${failed_steps[@]}" >"$work/summary" && code=0 || code=$?
# The servers say nothing when they stop, but the summary must be the last thing on the screen.
cleanup_servers=$servers
servers=""
if [ -n "$cleanup_servers" ] && kill -TERM "$cleanup_servers" 2>/dev/null; then wait "$cleanup_servers" 2>/dev/null || true; fi
cat "$work/summary"
[ ! -s "$work/summary" ] || summarised=yes
exit "$code"
