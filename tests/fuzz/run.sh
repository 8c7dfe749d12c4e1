#!/bin/sh
# Fuzzes every target for SECONDS (60) each under ASan and UBSan, two at a time.
# Usage: tests/fuzz/run.sh [SECONDS [TARGET...]]
# Starts from the corpora in tests/fuzz/corpus, which it does not change; what it finds on its way is
# kept in build/fuzz/corpus, crashing inputs in build/fuzz/artifacts. Fails if there is any crash.
set -u
cd "$(dirname "$0")/../.."

seconds=${1:-60}
[ $# -gt 0 ] && shift
build=build/fuzz
mkdir -p build
cmake --preset fuzz >"$build.configure.log" 2>&1 || { cat "$build.configure.log"; exit 1; }
cmake --build --preset fuzz --target fuzzers || exit 1

if [ $# -eq 0 ]; then
  set -- $(find "$build/tests" -maxdepth 1 -name 'fuzz_*' -type f -perm -u+x | sed 's|.*/fuzz_||' | sort)
fi
[ $# -gt 0 ] || { echo "no fuzz targets"; exit 1; }
rm -rf "$build/artifacts"
mkdir -p "$build/logs" "$build/artifacts"

# What goes wrong leaves a file in artifacts/ or a failure mark.
fuzz_one() {
  name=$1
  seeds=tests/fuzz/corpus/$name
  mkdir -p "$build/corpus/$name"
  rm -f "$build/logs/$name.failed"
  [ -d "$seeds" ] || seeds=
  "$build/tests/fuzz_$name" -max_total_time="$seconds" -max_len=8192 -rss_limit_mb=2048 -timeout=20 \
    -use_value_profile=1 -print_final_stats=1 -artifact_prefix="$build/artifacts/$name-" \
    "$build/corpus/$name" $seeds >"$build/logs/$name.log" 2>&1 || : >"$build/logs/$name.failed"
}

summary() {
  log=$build/logs/$1.log
  execs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
  memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  verdict=ok
  if [ -e "$build/logs/$1.failed" ]; then
    verdict=CRASHED
    failed=1
  fi
  printf '%-16s %-8s execs: %-10s %-12s peak: %s MB\n' "$1" "$verdict" "${execs:-?}" "$coverage" "${memory:-?}"
  [ "$verdict" = ok ] || tail -n 40 "$log"
}

failed=0
while [ $# -gt 0 ]; do
  first=$1
  shift
  fuzz_one "$first" &
  pair=
  if [ $# -gt 0 ]; then
    pair=$1
    shift
    fuzz_one "$pair" &
  fi
  wait
  for name in $first $pair; do summary "$name"; done
done
exit $failed
