#!/bin/bash
# Installs the Debian packages named in the given lists that are not there yet.
#
#   install-packages.sh LIST...                      one package per line; '#' starts a comment
#   install-packages.sh --at-least VERSION PACKAGE   one package, from backports if need be
#
# Nothing is asked and no service is started. Without root, sudo is used.
set -euo pipefail

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

installed() {
  [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = "install ok installed" ]
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 "$@" </dev/null
}

policy=/usr/sbin/policy-rc.d
made_policy=
trap 'if [ -n "$made_policy" ]; then as_root rm -f $policy; fi' EXIT

# Packages that bring a service cannot start it until this script ends.
forbid_services() {
  if [ -e $policy ] || [ -n "$made_policy" ]; then return; fi
  made_policy=1
  printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
  as_root chmod 755 $policy
}

updated=
update() {
  apt update
  updated=1
}

install() {
  if [ -z "$updated" ]; then update; fi
  forbid_services
  apt install --no-install-recommends "$@"
}

# Adds backports from the very mirror that this machine takes its release from.
add_backports() {
  local codename=$1 mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(apt-get indextargets --format '$(CREATED_BY)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)' |
    awk -F'|' -v r="$codename" '$1 == "Packages" && $2 == r && $3 == "main" && !seen++ { print $4 }')
  if [ -z "$mirror" ]; then
    echo "install-packages: no apt source of the release \"$codename\" found, cannot add backports" >&2
    return 1
  fi
  {
    echo "Types: deb"
    echo "URIs: $mirror"
    echo "Suites: $codename-backports"
    echo "Components: main"
    if [ -e $keyring ]; then echo "Signed-By: $keyring"; fi
  } | as_root tee /etc/apt/sources.list.d/thicket-backports.sources >/dev/null
}

# Is a version of the package at hand that is at least this one, in the suite or in any?
offers() {
  local package=$1 least=$2 suite=${3:-} version
  for version in $(apt-cache madison "$package" | awk -F'|' -v s="$suite" '$3 ~ s { print $2 }'); do
    if dpkg --compare-versions "$version" ge "$least"; then return 0; fi
  done
  return 1
}

install_at_least() {
  local package=$1 least=$2 codename
  if installed "$package" &&
    dpkg --compare-versions "$(dpkg-query -W -f '${Version}' "$package")" ge "$least"; then
    return
  fi
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  if ! offers "$package" "$least"; then
    update
    if ! offers "$package" "$least"; then
      add_backports "$codename"
      update
    fi
  fi
  echo "Installing: $package (at least $least)"
  if offers "$package" "$least" "$codename-backports"; then
    install -t "$codename-backports" "$package"
  else
    install "$package"
  fi
  # Nor at the next boot.
  if [ -d /run/systemd/system ]; then
    as_root systemctl --quiet disable "$package.service" 2>/dev/null || true
  fi
}

if [ "${1:-}" = --at-least ]; then
  install_at_least "$3" "$2"
  exit
fi

missing=()
for package in $(sed 's/#.*//' "$@" | sort -u); do
  if ! installed "$package"; then missing+=("$package"); fi
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing: ${missing[*]}"
  install "${missing[@]}"
fi
