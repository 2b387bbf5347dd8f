#!/bin/bash
# tests/sanitizers.sh [asan|tsan ...]: builds the modules' unit tests and the replay of the fuzz seeds with sanitizers, and
# runs them; both kinds without an argument. What a sanitizer finds fails its test.
#   asan   addresses, leaks and undefined behaviour: all modules
#   tsan   data races: the modules with threads
# MODULES='base image': only some. MINUTES=60: the longest time for the tests of each kind. JOBS=2: at the same time.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-2} budget=$((${MINUTES:-60} * 60))
declare -A modules=(
  [asan]='base image crypto age ledger media vision seal redact measure store camera server app fuzz'
  [tsan]='base media redact store camera server app'
)
supp=$PWD/tests/sanitizers
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1:fast_unwind_on_malloc=0
export LSAN_OPTIONS=suppressions=$supp/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=suppressions=$supp/tsan.supp:second_deadlock_stack=1

(($# > 0)) || set -- asan tsan
failed=0
for preset in "$@"; do
  [[ -n ${modules[$preset]:-} ]] || { echo "tests/sanitizers.sh [asan|tsan ...]" >&2; exit 2; }
  targets=() names=()
  for module in ${MODULES:-${modules[$preset]}}; do
    if [[ $module == fuzz ]]; then
      for source in fuzz/*.cc; do
        name=fuzz_$(basename "$source" .cc)
        [[ $name == fuzz_replay ]] || { targets+=("$name") names+=("$name"); }
      done
    else
      targets+=("passerby_${module}_test") names+=("$module")
      [[ $module != camera ]] || targets+=(passerby_fake_camera)
    fi
  done
  cmake --preset "$preset" >/dev/null
  cmake --build "build/$preset" -j "$jobs" --target "${targets[@]}"
  # Each takes several times as long as without.
  timeout "$budget" ctest --test-dir "build/$preset" --output-on-failure -j "$jobs" --timeout 1800 \
    -R "^($(IFS='|' && echo "${names[*]}"))$" || failed=1
done
exit $failed
