# Pinned packages of the npm registry that are data or binaries. Sourced, never run.
# shellcheck shell=bash

# integrity FILE: what npm calls the integrity of a package.
integrity() {
  node -e 'const hash = require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1]));
           console.log("sha512-" + hash.digest("base64"))' "$1"
}

# require_integrity FILE EXPECTED WHAT
require_integrity() {
  local got
  got=$(integrity "$1")
  [[ $got == "$2" ]] || die "$3 is not what was pinned. Nothing of it was used." "expected $2" "got      $got" \
    "The registry, or something on the way to it, served other bytes than the ones that were tested."
}

# pinned SPEC: the line of npm-packages.txt for NAME@VERSION, as NAME VERSION INTEGRITY SIZE.
pinned() { grep -F "${1%@*} ${1##*@} " scripts/npm-packages.txt || die "$1 is not in scripts/npm-packages.txt."; }

# members SPEC: the files and folders to take of a package, as they are named in its archive.
members() {
  awk -v name="${1%@*}" -v version="${1##*@}" \
    '/^[^ #]/ { inside = $1 == name && $2 == version } inside && /^ / { print "package/" $1 }' scripts/npm-packages.txt
}

# fetch_npm_package NAME@VERSION: unpacks the wanted files into .deps/npm/NAME@VERSION, unless they are there.
# It is all or nothing: what is unpacked gets its final name last.
fetch_npm_package() {
  local spec=$1 target=.deps/npm/$1 pin expected size part
  [[ ! -d $target ]] || return 0
  pin=$(pinned "$spec")
  read -r _ _ expected size <<<"$pin"
  mkdir -p .deps/npm "$(dirname "$target")"
  part=$(mktemp -d .deps/npm/.part.XXXXXX)
  step "Fetching $spec (${size/_/ })" npm-pack \
    npm pack "$spec" --ignore-scripts --pack-destination "$part" --loglevel=error
  unpack_npm_package "$spec" "$expected" "$part"/*.tgz "$part/files"
  mv "$part/files/package" "$target"
  rm -rf "$part"
}

# unpack_npm_package SPEC INTEGRITY ARCHIVE FOLDER
unpack_npm_package() {
  local wanted
  require_integrity "$3" "$2" "$1"
  mkdir "$4"
  mapfile -t wanted < <(members "$1")
  tar --extract --file "$3" --directory "$4" --no-same-owner -- "${wanted[@]}"
}
