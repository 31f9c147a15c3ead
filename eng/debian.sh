# shellcheck shell=bash
# The step 'packages': the Debian packages. Sourced by setup.sh.

# One line 'package version status' for each of ours that dpkg knows.
debian_state() {
  dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' "${debian_packages[@]}" "${debian_test_packages[@]}" 2>/dev/null
}
debian_now=$(debian_state || true)

# From here on the step installs what the tests need as well.
need_test_packages() { debian_packages+=("${debian_test_packages[@]}"); }

# Sets missing_packages. Compilers and npm may have come from elsewhere, so the command counts, not the package.
find_missing_packages() {
  missing_packages=()
  local package
  for package in "${debian_packages[@]}"; do
    [[ $debian_now =~ (^|$'\n')"$package "[^$'\n']*" installed" ]] || missing_packages+=("$package")
  done
  command -v g++ >/dev/null || missing_packages+=(g++)
  command -v npm >/dev/null || have_npm_packages || missing_packages+=(npm)
}

have_packages() {
  find_missing_packages
  ((${#missing_packages[@]} == 0))
}

get_packages() {
  local install=(apt-get install -y --no-install-recommends "${missing_packages[@]}")
  if ! command -v apt-get >/dev/null; then
    fail "Installing packages" "there is no apt-get here. Install what provides Debian's ${missing_packages[*]}."
    return
  fi
  if ! find_administrator; then
    say "These Debian packages are missing: ${missing_packages[*]}"
    say "Installing them takes root, or sudo. Run this as root, then start again:"
    echo "    apt-get update && ${install[*]}" >&2
    return 1
  fi
  say "Installing Debian packages: ${missing_packages[*]}"
  # The lists of a new machine are empty or old: then the first try fails, and a fresh list helps.
  if ! as_administrator "${install[@]}" >"$state/apt.log" 2>&1; then
    if ! { as_administrator apt-get update && as_administrator "${install[@]}"; } >"$state/apt.log" 2>&1; then
      fail "Installing Debian packages" "$(reason_in "$state/apt.log" '^(E: |W: Failed to fetch)')"
      return
    fi
  fi
  debian_now=$(debian_state || true)
}

# Sets administrator to the words that make a command run as root, none where we are root; returns 1 where neither goes.
find_administrator() {
  administrator=()
  [[ $(id -u) != 0 ]] || return 0
  administrator=(sudo)
  # sudo may ask for a password only where somebody can type it.
  command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }
}

as_administrator() {
  "${administrator[@]}" env DEBIAN_FRONTEND=noninteractive "$@" -o DPkg::Lock::Timeout=300
}

# reason_in LOG PATTERN: the first line of the log that matches, and where the rest is.
reason_in() {
  local line
  line=$(grep -m 1 -E -- "$2" "$1" || tail -n 1 "$1")
  echo "${line:-it said nothing} (all of it: $1). Without a network, start again when it is back."
}
