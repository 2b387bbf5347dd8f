# The builds, and the npm packages that they and the tests need. Sourced by run, test and setup.sh, never run.
# shellcheck shell=bash

# hash_of PATH...: one hash over the names and contents of files and folders, without what is made from them.
hash_of() {
  find "$@" \( -name node_modules -o -name dist -o -name .vite \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# npm_ci FOLDER WHOSE: what FOLDER/package-lock.json names into FOLDER/node_modules, when it changed.
npm_ci() {
  local stamp=$1/node_modules/.passerby-lock lock
  lock=$(hash_of "$1/package.json" "$1/package-lock.json")
  [[ $(cat "$stamp" 2>/dev/null) != "$lock" ]] || return 0
  step "Fetching $2 packages" "npm-ci-$1" npm --prefix "$1" ci --ignore-scripts --no-audit --no-fund
  echo "$lock" >"$stamp"
}

# build_web: web/ into web/dist, when something in it changed.
build_web() {
  local sources stamp=build/stamps/web
  sources=$(hash_of web)
  [[ -f web/dist/index.html && $(cat $stamp 2>/dev/null) == "$sources" ]] && return 0
  npm_ci web "the web app's"
  step "Building the web app" web npm --prefix web run build
  mkdir -p build/stamps
  echo "$sources" >$stamp
}

# build_program [TARGET...]: build/release; without a target all of it, with the tests.
build_program() {
  local presets stamp=build/stamps/presets targets=()
  (($# == 0)) || targets=(--target "$@")
  if [[ ${CI:-} == true ]]; then
    # A clone in another folder compiles the same code: let ccache see that.
    export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
  fi
  presets=$(hash_of CMakePresets.json)
  # Ninja runs CMake again by itself when a CMakeLists.txt changed, but not when a preset did.
  if [[ ! -f build/release/build.ninja || $(cat $stamp 2>/dev/null) != "$presets" ]]; then
    step "Configuring" cmake cmake --preset release
    mkdir -p build/stamps
    echo "$presets" >$stamp
  fi
  step "Building passerby" build cmake --build --preset release "${targets[@]}"
}
