#!/bin/bash
# Installs the package on a fresh Debian 12, which has nothing but what the package asks for: debootstrap in a folder of its own,
# then doctor, a short recording, and a purge. Takes root, debootstrap and a network.
#
#   tests/systemd/fresh.sh PACKAGE.deb
# shellcheck disable=SC2016 # what stands in single quotes is for other programs
set -euo pipefail

package=$(realpath "$1")
system=$(mktemp -d /opt/ssd-pipeline-fresh-XXXXXX)
# Where this machine's own packages come from.
mirror=$(apt-get indextargets --format '$(REPO_URI)' | sed -n 1p)

cleanup() {
  umount -q "$system/proc" || true
  rm -rf "$system"
}
trap cleanup EXIT

inside() { chroot "$system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }

debootstrap --variant=minbase bookworm "$system" "$mirror" >"$system.log" 2>&1 || { tail -n 5 "$system.log" >&2; exit 1; }
rm "$system.log"
cp -r /etc/apt/. "$system/etc/apt/"
rm -f "$system/etc/apt/sources.list" # debootstrap's own
cp /etc/resolv.conf "$system/etc/" 2>/dev/null || true
mount -t proc proc "$system/proc"
cp "$package" "$system/package.deb"
inside apt-get -qq update
inside apt-get -qq install -y --no-install-recommends /package.deb >/dev/null
version=$(inside dpkg-query -W -f '${Version}' ssd-pipeline)
echo "installed: $version, with $(inside dpkg-query -W | wc -l) packages in all"
inside ssd-pipeline doctor
inside ssd-pipeline run --quiet --source test://320x240@25 --every-frame --frames 50 --record /film.mp4 --http off
frames=$(inside ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 /film.mp4)
[[ $frames == 50 ]]
echo "recorded: $frames frames"
inside apt-get -qq purge -y ssd-pipeline >/dev/null
[[ ! -e $system/etc/ssd-pipeline && ! -e $system/var/lib/ssd-pipeline && ! -e $system/usr/lib/ssd-pipeline ]]
echo "purged: nothing is left"
