#!/bin/sh
# check.sh COMPILER INCLUDE_DIR...: the snippet compiles as it should be, and with none of the leaks.
set -eu
compiler=$1
shift
here=$(dirname "$0")
flags="-std=c++20 -fsyntax-only"
for dir in "$@"; do flags="$flags -I$dir"; done
# shellcheck disable=SC2086
"$compiler" $flags -DLEAK=0 "$here/encode_raw.cc" || { echo "the snippet without a leak does not compile: the check would prove nothing"; exit 1; }
leak=1
while [ $leak -le 8 ]; do
    # shellcheck disable=SC2086
    if "$compiler" $flags -DLEAK=$leak "$here/encode_raw.cc" 2>/dev/null; then
        echo "leak $leak compiles: a raw frame can reach an encoder"
        exit 1
    fi
    echo "leak $leak is refused"
    leak=$((leak + 1))
done
