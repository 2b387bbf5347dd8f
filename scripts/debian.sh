# Debian packages. Sourced, never run.
# shellcheck shell=bash

# listed GROUP: the packages of one group of packages.txt.
listed() {
  sed -n "/^\[$1\]/,/^\[/{/^\[/d;s/#.*//;s/[[:space:]]//g;/./p}" scripts/packages.txt
}

# not_installed PACKAGE...: those that are missing, one a line.
not_installed() {
  local have
  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true)
  printf '%s\n' "$@" | grep -vxF -e "$have" || true
}

node_is_new_enough() {
  local version
  command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  ((${version%%.*} >= 18))
}

am_root() { ((EUID == 0)); }

# as_root COMMAND...
as_root() {
  if am_root; then
    "$@"
  else
    sudo -n "$@"
  fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=600 "$@"; }

# Asks for the password, if one is needed, before a step hides the terminal behind its progress.
become_able_to_install() {
  ! am_root || return 0
  command -v sudo >/dev/null || die "Debian packages are missing, and this is neither root nor is there sudo." \
    "Ask an administrator for: apt-get install --no-install-recommends $*"
  if ! sudo -n true 2>/dev/null; then
    [[ -t 0 ]] || die "Debian packages are missing, and sudo wants a password but there is no terminal." \
      "Run: sudo apt-get install --no-install-recommends $*"
    say "  sudo is needed to install Debian packages: $*"
    sudo -v || die "sudo refused. Debian packages are missing: $*"
  fi
}

# install_debian_packages GROUP...
install_debian_packages() {
  command -v apt-get >/dev/null || die "this is not Debian: apt-get is missing." \
    "passerby is built on Debian 12. scripts/packages.txt lists what it needs."
  local group groups=("$@") wanted=() missing=()
  node_is_new_enough || groups+=(node)
  for group in "${groups[@]}"; do mapfile -t -O ${#wanted[@]} wanted < <(listed "$group"); done
  mapfile -t missing < <(not_installed "${wanted[@]}")
  ((${#missing[@]} > 0)) || return 0
  become_able_to_install "${missing[@]}"
  step "Reading Debian's package lists" apt-update apt update
  step "Installing ${#missing[@]} Debian packages" apt-install apt install --no-install-recommends "${missing[@]}"
  hash -r
  node_is_new_enough || die "Node.js 18 or newer is needed, and npm. Found: $(node --version 2>/dev/null || echo none)." \
    "An older one comes first on the PATH. Remove it there, or put a newer one before it."
}
