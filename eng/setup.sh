# shellcheck shell=bash
# Sets up what is missing. Sourced by ../pipeline, which sets $root, the checkout.
#
# A step NAME is two functions: have_NAME says at once, and silently, whether the step is done; get_NAME does it, or says
# why not and returns 1. A step that was interrupted counts as not done.

# A system's service or cron may start this without HOME: then it is the user's own. dotnet and npm need it too.
[[ ${HOME-} ]] || unset HOME
export HOME=${HOME:-~}

# Directory.Build.props has the same rule.
PIPELINE_CACHE=${PIPELINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ssd-pipeline}
PIPELINE_CACHE=$(realpath -m -- "$PIPELINE_CACHE")
export PIPELINE_CACHE
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1

state=$root/.setup # stamps, locks and logs of the set-up: git ignores it
program=$root/Host/bin/Release/net10.0/ssd-pipeline
sample_video=$PIPELINE_CACHE/sample/vtest.avi

# shellcheck source=packages.sh
source "$root/eng/packages.sh"
# shellcheck source=debian.sh
source "$root/eng/debian.sh"
# shellcheck source=fetch.sh
source "$root/eng/fetch.sh"
# shellcheck source=build.sh
source "$root/eng/build.sh"

# say TEXT: one line to the person at the terminal; standard output belongs to the program.
say() { echo "set-up: $1" >&2; }

# fail WHAT REASON: a step could not be done.
fail() {
  say "$1 failed: $2"
  return 1
}

# lock_or_wait DESCRIPTOR FILE: holds the lock until the descriptor is closed, or this process ends in whatever way.
lock_or_wait() {
  flock -n "$1" && return
  say "Waiting for another set-up, which holds $2"
  flock "$1"
}

# set_up STEP...: does what is missing, in this order. Nothing is locked, written or started where nothing is missing.
# A step that fails ends it, but for the sample video, on which no later step stands.
set_up() {
  local step locked='' failed=''
  for step in "$@"; do
    "have_$step" && continue
    if [[ ! $locked ]]; then
      mkdir -p "$state"
      exec 9>"$state/lock"
      lock_or_wait 9 "$state/lock"
      locked=yes
      "have_$step" && continue
    fi
    "get_$step" && continue
    failed=yes
    [[ $step == sample ]] || break
  done
  [[ ! $locked ]] || exec 9>&-
  [[ ! $failed ]]
}

# go_on_with program|tests: after a step that failed; what an earlier set-up built from these sources still runs.
go_on_with() {
  "have_$1" || exit 1
  say "Going on with what is there."
}
