#!/usr/bin/env bash
# The Debian packages that the tests use. As root, or with sudo that asks no password, they are installed; else they are named.
set -euo pipefail
has() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }
has_compose() { has docker-compose || docker compose version >/dev/null 2>&1; }

needed=()
has mosquitto || needed+=(mosquitto)
has openssl || needed+=(openssl)
has systemd-analyze || needed+=(systemd)
has_compose || needed+=(docker-compose)
[ ${#needed[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "The tests need: ${needed[*]}. Install them with this system's package manager; tests whose tool is absent skip." >&2
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then as_root=(); elif sudo -n true 2>/dev/null; then as_root=(sudo -n); else
  echo "The tests need Debian packages. As root: apt-get install --no-install-recommends ${needed[*]}" >&2
  exit 1
fi
echo "Installing Debian packages: ${needed[*]} ..."
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${needed[@]}" >/dev/null
