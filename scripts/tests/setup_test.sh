#!/usr/bin/env bash
# Tests of the set-up scripts, in a copy of them, with an npm, dpkg-query and apt-get that this test plays itself.
# No network, no installed package is touched.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
ROOT=$PWD
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
passed=0 failed=0

# in_copy CODE: runs bash code in a fresh copy of the scripts, with the made-up commands first on the PATH.
in_copy() {
  (cd "$WORK/copy" && env PATH="$WORK/bin:$PATH" WORK="$WORK" TERM=dumb bash -c "
    set -euo pipefail
    source scripts/ui.sh; source scripts/debian.sh; source scripts/npm.sh
    $1" </dev/null) >"$WORK/out" 2>&1
}

fake() {
  cat >"$WORK/bin/$1"
  chmod +x "$WORK/bin/$1"
}

fresh() {
  rm -rf "${WORK:?}"/*
  mkdir -p "$WORK/bin" "$WORK/copy" "$WORK/made/package/models"
  : >"$WORK/calls"
  cp -r "$ROOT/scripts" "$WORK/copy"
  echo weights >"$WORK/made/package/models/a.bin"
  echo secret >"$WORK/made/package/unwanted.js"
  tar -czf "$WORK/good.tgz" -C "$WORK/made" package
  local sum # by another program than the scripts use
  sum=$(/usr/bin/python3 -c 'import base64, hashlib, sys
print(base64.b64encode(hashlib.sha512(open(sys.argv[1], "rb").read()).digest()).decode())' "$WORK/good.tgz")
  printf '%s\n' "@some/models 1.2.3 sha512-$sum 1_MB" '  models/a.bin' >"$WORK/copy/scripts/npm-packages.txt"
  fake npm <<'END'
#!/usr/bin/env bash
echo "npm $*" >>"$WORK/calls"
while (($# > 0)); do [[ $1 == --pack-destination ]] && to=$2; shift; done
cp "$WORK/${SERVED:-good.tgz}" "$to/some-models-1.2.3.tgz"
END
}

# expect WHAT COMMAND...
expect() {
  local what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  %s\n  it printed:\n' "$what" "$*"
    sed 's/^/    /' "$WORK/out"
  fi
}
refuse() { ! "$@"; }
prints() { grep -q -- "$1" "$WORK/out"; }
called() { (($(wc -l <"$WORK/calls") == $1)); }
files_in() { find "$WORK/copy/$1" -type f 2>/dev/null | sed "s|^$WORK/copy/$1/||" | sort | xargs; }

FETCH='fetch_npm_package @some/models@1.2.3'

fresh
expect "a package is fetched" in_copy "$FETCH"
expect "only the wanted files are taken" test "$(files_in .deps/npm)" = "@some/models@1.2.3/models/a.bin"
expect "no script of the package may run" grep -q -- --ignore-scripts "$WORK/calls"
expect "a second set-up is content" in_copy "$FETCH"
expect "nothing is downloaded twice" called 1

fresh
cp "$WORK/good.tgz" "$WORK/tampered.tgz" && printf x >>"$WORK/tampered.tgz"
expect "a tampered package is refused" refuse in_copy "SERVED=tampered.tgz $FETCH"
expect "the message names the package" prints '@some/models@1.2.3 is not what was pinned'
expect "the message says what was expected" prints 'expected sha512-'
expect "the message says what came" prints 'got      sha512-'
expect "nothing of a tampered package is in place" test ! -e "$WORK/copy/.deps/npm/@some/models@1.2.3"
expect "the right package is taken afterwards" in_copy "$FETCH"

fresh
fake npm <<'END'
#!/usr/bin/env bash
while (($# > 0)); do [[ $1 == --pack-destination ]] && to=$2; shift; done
head -c 100 "$WORK/good.tgz" >"$to/some-models-1.2.3.tgz"
echo "network: connection was reset"
exit 1
END
expect "a download that is cut off fails" refuse in_copy "$FETCH"
expect "its own words are shown" prints 'connection was reset'
expect "nothing half-made has the final name" test ! -e "$WORK/copy/.deps/npm/@some/models@1.2.3"

fresh
expect "a package without a pin is refused" refuse in_copy 'fetch_npm_package @some/models@9.9.9'
expect "the message names the file of pins" prints 'npm-packages.txt'
expect "it is not even asked for" called 0

fresh
fake dpkg-query <<'END'
#!/usr/bin/env bash
printf 'installed cmake\nnot-installed ccache\n'
END
fake apt-get <<'END'
#!/usr/bin/env bash
echo "apt-get $*" >>"$WORK/calls"
END
printf '[build]\ncmake   # a word\nccache\n\n[test]\nffmpeg\n[node]\nnodejs\n' >"$WORK/copy/scripts/packages.txt"
NODE='node_is_new_enough() { true; }; become_able_to_install() { :; }; as_root() { "$@"; };'
expect "missing packages are installed" in_copy "$NODE install_debian_packages build"
expect "only those that are missing" grep -q -- 'install --no-install-recommends ccache$' "$WORK/calls"
expect "the lists are read first, once" grep -q '^apt-get.* update$' <(head -n 1 "$WORK/calls")
: >"$WORK/calls"
printf '[build]\ncmake\n' >"$WORK/copy/scripts/packages.txt"
expect "installed packages are enough" in_copy "$NODE install_debian_packages build"
expect "apt-get is not called for nothing" called 0
printf '[build]\nccache\n' >"$WORK/copy/scripts/packages.txt"
printf '#!/bin/sh\nexit 1\n' | fake sudo
: >"$WORK/calls"
expect "a user whom sudo refuses is told" refuse in_copy \
  'node_is_new_enough() { true; }; am_root() { false; }; install_debian_packages build'
expect "the message is the command to run" prints 'sudo apt-get install --no-install-recommends ccache'
expect "nothing was tried" called 0

fresh
expect "a failing step ends the script with its status" refuse in_copy 'step Work work bash -c "echo broken; exit 7"; echo went on'
expect "the end of the log is shown" prints '| broken'
expect "nothing runs after it" refuse prints 'went on'

printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
