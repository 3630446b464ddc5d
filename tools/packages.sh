# The Debian packages that Layerwalk is built with (Debian 12 and Ubuntu 24.04, by the same names). Sourced by run and test.

layerwalk_build_packages="build-essential cmake ninja-build pkg-config qt6-base-dev libqt6opengl6-dev qt6-charts-dev qt6-svg-dev qt6-tools-dev
  libeigen3-dev libopenblas-pthread-dev libhwy-dev nlohmann-json3-dev libpcre2-dev libutf8proc-dev libxxhash-dev libcli11-dev libfmt-dev
  libexpected-dev libgl1-mesa-dri fonts-dejavu-core fonts-noto-cjk fonts-noto-color-emoji"
layerwalk_test_packages="catch2 xvfb xauth"

# Is it installed, by itself or as something that an installed package provides? (Ubuntu's qt6-base-dev provides libqt6opengl6-dev.)
layerwalk_has() {
  dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed' && return 0
  dpkg-query -W -f='${db:Status-Status} ${Provides}\n' 2>/dev/null | sed -n 's/^installed //p' | tr ',' '\n' |
    sed 's/(.*//; s/ //g' | grep -qxF "$1"
}

# layerwalk_need "PACKAGES" [yes]: makes sure that they are installed; with "yes" without asking.
layerwalk_need() {
  command -v dpkg-query >/dev/null 2>&1 || return 0   # no Debian: the configuration step says what it misses
  missing=""
  for package in $1; do
    layerwalk_has "$package" || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1; then as_root="sudo"; else
      echo "These packages are missing:$missing" >&2
      echo "Install them as root: apt-get install$missing" >&2
      return 1
    fi
  fi
  if [ "${2:-}" != yes ]; then
    echo "These packages are missing:$missing"
    if [ ! -t 0 ]; then
      echo "Install them (apt-get install$missing), or start again with -y." >&2
      return 1
    fi
    printf 'Install them now%s? [Y/n] ' "${as_root:+ with sudo}"
    read -r answer
    case "$answer" in [nN]*) return 1 ;; esac
  fi
  $as_root apt-get update -q &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}
