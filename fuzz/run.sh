#!/bin/bash
# fuzz/run.sh [SECONDS]: builds the targets with clang and libFuzzer, and lets each look for SECONDS (60). A finding stays
# in build/fuzz/findings; put it among the seeds when it is mended. FUZZ_BUILD: another folder to build in.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60} build=${FUZZ_BUILD:-build/fuzz} seed=${SEED:-$RANDOM}
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++ -DPASSERBY_FUZZ=ON >/dev/null
# A leak of a library is told from one of ours by the whole stack, which libav's functions hide from the fast unwinder.
export LSAN_OPTIONS=suppressions=$PWD/tests/sanitizers/lsan.supp:print_suppressions=0
echo "seed $seed, $seconds s each"
failed=0
for source in fuzz/*.cc; do
  name=$(basename "$source" .cc)
  [[ $name == replay ]] && continue
  [[ -z ${ONLY:-} || " $ONLY " == *" $name "* ]] || continue
  cmake --build "$build" --target "fuzz_$name" -- -j2 >"$build/$name.log" 2>&1 || { tail -20 "$build/$name.log"; failed=1; continue; }
  mkdir -p "$build/corpus/$name" "$build/findings"
  [[ $name != rtsp ]] || export ASAN_OPTIONS=fast_unwind_on_malloc=0
  if "$build/fuzz_$name" -seed="$seed" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
      -artifact_prefix="$build/findings/$name-" "$build/corpus/$name" "fuzz/seeds/$name" >"$build/$name.out" 2>&1; then
    echo "$name: $(sed -n 's/stat::number_of_executed_units: *//p' "$build/$name.out") inputs, nothing found"
  else
    echo "$name: a finding, see $build/$name.out"; failed=1
  fi
done
exit $failed
