#!/bin/bash
# Proves the service and the Debian package under a real systemd (namespace.sh), step by step:
#
#   tests/systemd/prove.sh PACKAGE.deb [NEWER.deb]
#
# Not part of './pipeline test', since it takes root and namespaces. Each step prints a line; the first that fails ends it.
# shellcheck disable=SC2016 # what stands in single quotes is for inside
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
package=$(realpath "$1") newer=$(realpath "${2:-$1}")
machine=$(mktemp -d /opt/ssd-pipeline-prove-XXXXXX)

inside() { "$here/namespace.sh" exec "$machine" "$@"; }
put() { inside bash -c "cat >'$1'"; }
property() { inside systemctl show -p "$1" --value ssd-pipeline; }
journal() { inside journalctl -u ssd-pipeline -o cat --no-pager "$@"; }

cleanup() {
  local code=$?
  ((code == 0)) || journal -n 40 >&2 || true
  "$here/namespace.sh" stop "$machine"
  rm -rf "$machine"
  exit "$code"
}
trap cleanup EXIT

# step TEXT: what was proven before this is done.
step() { printf '%-6s%s\n' "$SECONDS s" "$1"; }

# until_true SECONDS COMMAND...: waits until a command succeeds.
until_true() {
  local end=$((SECONDS + $1))
  until "${@:2}" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "not within $1 s: ${*:2}" >&2; return 1; }
    sleep 0.2
  done
}

says() { [[ $(journal) == *"$1"* ]]; }

# is_active PID: that process is the service, and no reload is going on.
is_active() { [[ $(property ActiveState) == active && $(property MainPID) == "$1" ]]; }
is_running() { [[ $(property ActiveState) == active && $(property StatusText) == *"$1"* ]]; }
restarts_are() { (($(property NRestarts) >= $1)) && [[ $(property ActiveState) == active ]]; }
runs_anew() { [[ $(property MainPID) != "$1" && $(property ActiveState) == active ]]; }

# Where './pipeline setup --cuda' was run: ONNX Runtime for GPUs, over libraries that stand in for NVIDIA's.
cuda=$here/../../cuda
[[ ! -d $cuda ]] || "$here/../cuda/build.sh" "$machine/nvidia"

"$here/namespace.sh" start "$machine"
put /opt/package.deb <"$package"
put /opt/newer.deb <"$newer"
step "the machine is up: systemd $(inside systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')"

inside dpkg -i /opt/package.deb >/dev/null
[[ $(inside stat -c %U:%a /var/lib/ssd-pipeline) == ssd-pipeline:750 ]]
[[ $(inside stat -c %U:%a /etc/ssd-pipeline/environment) == root:600 ]]
[[ $(property ActiveState) == inactive ]]
inside ssd-pipeline doctor --config /etc/ssd-pipeline/appsettings.json >"$machine/doctor" || { cat "$machine/doctor"; exit 1; }
step "the package is installed; doctor misses nothing"

echo '{ "Detection": { "Score": 7 } }' | put /etc/ssd-pipeline/appsettings.local.json
inside systemctl start ssd-pipeline 2>/dev/null && { echo "it runs with a bad configuration" >&2; exit 1; }
until_true 10 says "Detection:Score (--score) is 7, which is not allowed"
[[ $(property NRestarts) == 0 && $(property ExecMainStatus) == 2 ]]
step "with a bad configuration it says so, ends with 2, and is not started again"

echo 'CAMERA_SIZE=320x240' | put /etc/ssd-pipeline/environment
put /etc/ssd-pipeline/appsettings.local.json <<'END'
{
  "Sources": [ { "Uri": "test://${CAMERA_SIZE}@25", "Name": "gate" } ],
  "Recording": { "Folder": "/var/lib/ssd-pipeline/recordings" }
}
END
inside systemctl reset-failed ssd-pipeline
inside systemctl enable --now ssd-pipeline 2>/dev/null
[[ $(property ActiveState) == active ]]
ready=$((($(property ActiveEnterTimestampMonotonic) - $(property ExecMainStartTimestampMonotonic)) / 1000))
until_true 15 is_running "1 of 1 sources deliver"
step "ready $ready ms after its start; status: $(property StatusText)"

[[ $(property User) == ssd-pipeline ]]
[[ $(journal -p warning) != *"gate delivers"* && $(journal -p info) == *"gate delivers"* ]]
step "it runs as its own user, and the journal knows levels"

pid=$(property MainPID)
inside sed -i 's/"Sources"/"Detection": { "Score": 0.5 }, "Sources"/' /etc/ssd-pipeline/appsettings.local.json
inside systemctl reload ssd-pipeline
until_true 10 is_active "$pid" # systemd 252 does not wait for the end of a reload
step "reloaded: $(property StatusText)"
inside sed -i 's/0\.5/5/' /etc/ssd-pipeline/appsettings.local.json
inside systemctl reload ssd-pipeline
until_true 10 says "Detection:Score (--score) is 5,"
until_true 10 is_active "$pid"
inside sed -i 's/: 5 /: 0.5 /' /etc/ssd-pipeline/appsettings.local.json
step "a bad configuration is refused, and the old one kept"

inside mkdir -p /run/systemd/system/ssd-pipeline.service.d
printf '[Service]\nWatchdogSec=4\nRestartSec=1\n' | put /run/systemd/system/ssd-pipeline.service.d/prove.conf
inside systemctl daemon-reload
inside systemctl restart ssd-pipeline
pid=$(property MainPID)
inside kill -STOP "$pid"
stopped=$SECONDS
until_true 40 runs_anew "$pid"
restarts_are 1
says "Watchdog timeout"
step "hung for its watchdog's 4 s, it was killed and runs again after $((SECONDS - stopped)) s"

inside rm /run/systemd/system/ssd-pipeline.service.d/prove.conf
inside systemctl daemon-reload
inside systemctl restart ssd-pipeline
sleep 3
inside systemctl stop ssd-pipeline
[[ $(property Result) == success && $(property ExecMainStatus) == 0 ]]
[[ ! $(inside find /var/lib/ssd-pipeline -name '*.partial') ]]
frames=$(inside bash -c 'ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 "$(ls /var/lib/ssd-pipeline/recordings/gate/*.mp4 | tail -n 1)"')
((frames > 25))
step "stopped: the recording is complete, $frames frames"

inside systemctl start ssd-pipeline
pid=$(property MainPID)
echo '{ "Detection": { "Score": 0.3 } }' | put /etc/ssd-pipeline/appsettings.json
inside dpkg -i --force-confold /opt/newer.deb >/dev/null
runs_anew "$pid"
[[ $(inside cat /etc/ssd-pipeline/appsettings.json) == *0.3* ]]
step "upgraded to $(inside dpkg-query -W -f '${Version}' ssd-pipeline): restarted, configuration kept"

if [[ -d $cuda ]]; then
  inside cp -rL "$(realpath "$cuda")" /var/lib/ssd-pipeline/cuda
  inside cp -r "$machine/nvidia" /var/lib/ssd-pipeline
  cat <<'END' | put /etc/ssd-pipeline/environment
CAMERA_SIZE=320x240
PIPELINE_Inference__Provider=cuda
PIPELINE_Inference__CudaRuntime=/var/lib/ssd-pipeline/cuda
PIPELINE_Inference__CudaLibraries__0=/var/lib/ssd-pipeline/nvidia
STANDIN_CUDA=fail=kernel:20000:700
END
  inside systemctl restart ssd-pipeline
  says "runs on cuda"
  pid=$(property MainPID)
  until_true 30 runs_anew "$pid"
  says "The device is lost"
  says "status=1/FAILURE"
  [[ ! $(inside find /var/lib/ssd-pipeline -name '*.partial' ! -newermt "$(property ExecMainStartTimestamp)") ]]
  step "on a GPU that is made up and breaks: it ended with 1, its recording closed, and runs again"
  echo 'CAMERA_SIZE=320x240' | put /etc/ssd-pipeline/environment
fi

"$here/namespace.sh" reboot "$machine"
until_true 30 is_running "1 of 1 sources deliver"
step "rebooted: it runs again"

inside dpkg --purge ssd-pipeline >/dev/null
left=$(inside bash -c 'ls -d /etc/ssd-pipeline /var/lib/ssd-pipeline /usr/lib/ssd-pipeline /usr/bin/ssd-pipeline 2>/dev/null' || true)
[[ ! $left ]] || { echo "left behind: $left" >&2; exit 1; }
[[ $(property LoadState) == not-found ]]
step "purged: nothing is left"
