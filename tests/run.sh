#!/bin/bash
# Installs what is missing, builds, and runs the tests: all of them, or the parts named.
#
#   tests/run.sh [unit] [asan] [interop] [hostile] [packages] [fuzz]
#
#   unit     unit, property, corpus and tidy tests, release build
#   asan     the same under the address and undefined behaviour sanitizers
#   interop  meshes in network namespaces together with stock Yggdrasil (needs root)
#   hostile  a hostile peer against our daemon; needs meshprobe, see tests/hostile
#   packages the Debian package, installed, run, updated and purged in a clean root (needs root)
#   fuzz     every fuzz target for THICKET_FUZZ_SECONDS (default 20)
#
# The last line is "N passed, N failed"; the status is 0 if nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."

jobs=${THICKET_JOBS:-$(nproc)}
passed=0
failed=0
problems=()
skips=()
fuzz_seconds=${THICKET_FUZZ_SECONDS:-20}
export CTEST_PARALLEL_LEVEL=$jobs
output=$(mktemp)
trap 'rm -f "$output"' EXIT

heading() {
  printf '\n=== %s (at %d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60))
}

count() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  if [ "$2" -gt 0 ]; then problems+=("$3: $2 failed"); fi
}

# A step that is no test, but without which there are none.
must() {
  local what=$1
  shift
  if ! "$@"; then
    count 0 1 "$what"
    return 1
  fi
}

build() {
  must "configuring ($1)" cmake --preset "$1" "${@:2}" >"$output" || { cat "$output"; return 1; }
  must "building ($1)" cmake --build --preset "$1" -j "$jobs"
}

# Those of the last run of ctest; "ctest -V -R NAME" says why.
skipped_tests() {
  sed -n 's/^[[:space:]]*[0-9]* - \(.*\) (Skipped)$/\1/p' "$output"
}

run_ctest() {
  local tests failures skipped
  build "$1" -DTHICKET_TESTS=ON || return
  ctest --preset "$1" --no-tests=error --progress 2>&1 | tee "$output"
  read -r failures tests < <(sed -n 's/.* tests passed, \([0-9]*\) tests failed out of \([0-9]*\).*/\1 \2/p' "$output")
  if [ -z "${tests:-}" ]; then
    count 0 1 "ctest ($1)"
  else
    skipped=$(grep -c ' (Skipped)$' "$output")
    if [ "$skipped" -gt 0 ]; then skips+=("ctest ($1): $skipped skipped: $(skipped_tests | paste -sd' ')"); fi
    count $((tests - failures - skipped)) "$failures" "ctest ($1)"
  fi
}

# Counts what a program that ends with "NAME: N passed, N failed" says.
run_counted() {
  local name=$1 good bad
  shift
  "$@" 2>&1 | tee "$output"
  read -r good bad < <(sed -n "s/^$name: \([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p" "$output" | tail -1)
  if [ -z "${bad:-}" ]; then
    if grep -q "^$name: skipped" "$output"; then skips+=("$name: skipped"); else count 0 1 "$name"; fi
  else
    count "$good" "$bad" "$name"
  fi
}

# tests/fuzz/run.sh prints a line "TARGET ok|CRASHED execs: ..." for each target.
run_fuzz() {
  local good bad
  tests/fuzz/run.sh "$fuzz_seconds" 2>&1 | tee "$output"
  good=$(grep -c '^[a-z_]* *ok *execs:' "$output")
  bad=$(grep -c '^[a-z_]* *CRASHED *execs:' "$output")
  if [ $((good + bad)) = 0 ]; then bad=1; fi
  count "$good" "$bad" fuzz
}

# Runs a command as root, or as root of a user namespace of its own; says so if neither can be had.
with_root() {
  local name=$1
  shift
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif sudo -n true 2>/dev/null; then
    echo "$name: with sudo"
    sudo -n --preserve-env=THICKET_MESHPROBE "$@"
  elif unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && test -w /dev/net/tun' 2>/dev/null; then
    echo "$name: in a user namespace, as this is not root"
    unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' sh "$@"
  else
    echo "$name: NOT RUN: it makes network namespaces and TUN devices, which needs root. Run: sudo tests/run.sh $name"
    return 1
  fi
}

run_part() {
  case $1 in
    unit) run_ctest release ;;
    asan) run_ctest asan ;;
    interop)
      build release -DTHICKET_TESTS=ON || return
      must "installing stock Yggdrasil" node/install-packages.sh --at-least 0.5 yggdrasil || return
      run_counted interop with_root interop /usr/bin/python3 tests/interop/run.py -j "${THICKET_INTEROP_JOBS:-2}"
      ;;
    hostile)
      build release -DTHICKET_TESTS=ON || return
      run_counted hostile with_root hostile /usr/bin/python3 tests/hostile/run_hostile.py
      ;;
    packages)
      build release -DTHICKET_TESTS=ON || return
      run_counted packages with_root packages /usr/bin/python3 tests/packages/run_packages.py
      ;;
    fuzz) run_fuzz ;;
  esac
}

parts=("$@")
if [ ${#parts[@]} = 0 ]; then parts=(unit asan interop hostile packages fuzz); fi
for part in "${parts[@]}"; do
  case $part in
    unit | asan | interop | hostile | packages | fuzz) ;;
    *)
      echo "tests/run.sh: no such part: $part (there are: unit asan interop hostile packages fuzz)" >&2
      exit 2
      ;;
  esac
done

heading "packages"
if must "installing packages" node/install-packages.sh node/packages.txt tests/packages.txt; then
  for part in "${parts[@]}"; do
    heading "$part"
    run_part "$part"
  done
fi

heading "summary"
for skip in ${skips[@]+"${skips[@]}"}; do echo "$skip"; done
for problem in ${problems[@]+"${problems[@]}"}; do echo "$problem"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
