#!/bin/bash
# A machine with a real systemd, made of namespaces over a throw-away overlay of this one's /: what happens inside changes
# nothing outside. It can be rebooted. Takes root, systemd, util-linux and cgroup v2.
#
#   namespace.sh start FOLDER        boots it; FOLDER, not on an overlay, holds what runs
#   namespace.sh exec FOLDER CMD...  runs a command inside
#   namespace.sh reboot FOLDER       boots it anew, files kept
#   namespace.sh stop FOLDER
set -euo pipefail

action=$1 folder=$(realpath -m "$2")
shift 2
cgroup=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)/ssd-pipeline-test

# Units of the machine outside that have nothing to do inside.
masked=(
  systemd-udevd.service systemd-udev-trigger.service systemd-udev-settle.service systemd-udevd-control.socket
  systemd-udevd-kernel.socket systemd-logind.service systemd-timesyncd.service systemd-networkd.service
  systemd-resolved.service systemd-modules-load.service systemd-sysctl.service systemd-update-utmp.service getty.target
  console-getty.service networking.service cron.service ssh.service apt-daily.timer apt-daily-upgrade.timer man-db.timer
  dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer logrotate.timer
)

# Runs in the outer mount namespace: the overlay lives as long as this, over reboots.
machine() {
  local root=$folder/disk/root unit
  mount --make-rprivate /
  mkdir -p "$folder/disk"
  mount -t tmpfs tmpfs "$folder/disk"
  mkdir -p "$folder"/disk/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/disk/upper,workdir=$folder/disk/work" "$root"
  for unit in "${masked[@]}"; do ln -sfn /dev/null "$root/etc/systemd/system/$unit"; done
  echo testbed >"$root/etc/hostname"
  : >"$root/etc/fstab"
  systemd-id128 new >"$root/etc/machine-id"
  ip link set lo up 2>/dev/null || true
  while [[ ! -e $folder/halt ]]; do
    unshare --pid --mount --cgroup --fork "$0" boot "$folder" &
    echo $! >"$folder/pid"
    wait $! || true
  done
}

# Runs as PID 1 of a boot.
boot() {
  local root=$folder/disk/root device
  mount -t proc proc "$root/proc"
  mount -t sysfs sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir -p "$root"/dev/{pts,shm} "$root/run/systemd"
  mount -t tmpfs tmpfs "$root/dev/shm"
  for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s fd/0 "$root/dev/stdin"
  ln -s fd/1 "$root/dev/stdout"
  ln -s fd/2 "$root/dev/stderr"
  touch "$root/dev/console"
  mount --bind /dev/null "$root/dev/console"
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=other chroot "$root" \
    /lib/systemd/systemd --system --unit=multi-user.target --show-status=0 --log-target=journal
}

inside() {
  local init
  init=$(pgrep -P "$(<"$folder/pid")") || { echo "no machine runs in $folder" >&2; return 1; }
  nsenter -t "$init" -m -p -u -i -C -n --root="/proc/$init/root" --wd="/proc/$init/root" \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb DEBIAN_FRONTEND=noninteractive "$@"
}

wait_until_up() {
  local try
  for try in {1..120}; do
    sleep 0.25
    [[ $(inside systemctl is-system-running 2>/dev/null) =~ running|degraded ]] && return
  done
  echo "the machine did not come up in $((try / 4)) s" >&2
  return 1
}

case $action in
  machine) machine ;;
  boot) boot ;;
  exec) inside "$@" ;;
  start)
    mkdir -p "$folder" "$cgroup"
    rm -f "$folder"/{pid,halt}
    setsid bash -c "echo \$\$ >'$cgroup/cgroup.procs'; exec unshare --mount --uts --ipc --net '$0' machine '$folder'" \
      >"$folder/log" 2>&1 </dev/null &
    wait_until_up
    ;;
  reboot)
    before=$(<"$folder/pid")
    inside systemctl reboot 2>/dev/null || true
    for _ in {1..240}; do
      [[ $(<"$folder/pid") == "$before" ]] || break
      sleep 0.25
    done
    wait_until_up
    ;;
  stop)
    touch "$folder/halt"
    pid=$(<"$folder/pid")
    inside systemctl poweroff 2>/dev/null || true
    for _ in {1..120}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.25
    done
    if kill -0 "$pid" 2>/dev/null; then kill -9 "$(pgrep -P "$pid")"; fi
    sleep 0.5
    find "$cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    ;;
  *) echo "namespace.sh start|exec|reboot|stop FOLDER" >&2; exit 2 ;;
esac
