#!/usr/bin/env bash
# The Debian packages that the tests use, or with the word `demo` those that the simulated shop is drawn with. As root, or with
# sudo that asks no password, they are installed; else they are named.
set -euo pipefail
has() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }
has_compose() { has docker-compose || docker compose version >/dev/null 2>&1; }

has_library() { /sbin/ldconfig -p 2>/dev/null | grep -q "$1"; }

# GStreamer's RTSP server, for the system's own Python: a camera to test with that is not ours.
has_rtsp_server() {
  has gst-launch-1.0 && /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0"); gi.require_version("GstApp", "1.0")
from gi.repository import Gst; Gst.init(None); assert Gst.ElementFactory.find("x264enc")' 2>/dev/null
}

needed=()
has_library libEGL.so.1 || needed+=(libegl1)
has_library libEGL_mesa.so.0 || needed+=(libgl1-mesa-dri)
if [ "${1:-test}" = test ]; then
  has mosquitto || needed+=(mosquitto)
  has openssl || needed+=(openssl)
  has systemd-analyze || needed+=(systemd)
  has_compose || needed+=(docker-compose)
  has_rtsp_server || needed+=(gir1.2-gst-rtsp-server-1.0 gir1.2-gst-plugins-base-1.0 gstreamer1.0-tools
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly python3-gi)
fi
[ ${#needed[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "Needed here: ${needed[*]}. Install them with this system's package manager; tests whose tool is absent skip." >&2
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then as_root=(); elif sudo -n true 2>/dev/null; then as_root=(sudo -n); else
  echo "Debian packages are needed. As root: apt-get install --no-install-recommends ${needed[*]}" >&2
  exit 1
fi
echo "Installing Debian packages: ${needed[*]} ..."
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${needed[@]}" >/dev/null
