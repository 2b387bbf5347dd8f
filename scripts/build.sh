# The builds. Sourced by run and test, never run.
# shellcheck shell=bash

# hash_of PATH...: one hash over the names and contents of files and folders, without what is made from them.
hash_of() {
  find "$@" \( -name node_modules -o -name dist -o -name .vite \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# build_web: web/ into web/dist, when something in it changed.
build_web() {
  local sources stamp=build/stamps/web modules=web/node_modules/.passerby-lock lock
  sources=$(hash_of web)
  [[ -f web/dist/index.html && $(cat $stamp 2>/dev/null) == "$sources" ]] && return 0
  lock=$(hash_of web/package.json web/package-lock.json)
  if [[ $(cat $modules 2>/dev/null) != "$lock" ]]; then
    step "Fetching the web app's packages" npm-ci npm --prefix web ci --ignore-scripts --no-audit --no-fund
    echo "$lock" >$modules
  fi
  step "Building the web app" web npm --prefix web run build
  mkdir -p build/stamps
  echo "$sources" >$stamp
}

# build_program: build/release.
build_program() {
  local presets stamp=build/stamps/presets
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
  step "Building passerby" build cmake --build --preset release
}
