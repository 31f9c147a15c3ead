# shellcheck shell=bash
# The steps 'program' and 'tests', which build, and 'model', which converts the default model. Sourced by setup.sh.

default_model=$root/models/ssdlite_mobilenet_v2_coco

have_program() { [[ -x $program ]] && is_built program; }
have_tests() { [[ -x $program ]] && is_built tests; }
get_program() { build program Host/Host.csproj && mark_built program; }
get_tests() { build tests Pipeline.sln && mark_built program && mark_built tests; }

# A stamp holds what the build was made of: a line for its surroundings and a line for the sources.
is_built() { [[ -r $state/$1.stamp && $(<"$state/$1.stamp") == "$(surroundings)"$'\n'"$(sources "$1")" ]]; }

mark_built() {
  { surroundings && sources "$1"; } >"$state/$1.stamp.new"
  mv "$state/$1.stamp.new" "$state/$1.stamp"
}

surroundings() {
  local opencv=${debian_now#*libopencv-core-dev }
  echo "$PIPELINE_CACHE ${Bindings:-system} $onnxruntime_sha512 OpenCV ${opencv%% *}"
}

# What the program is built of, besides the build files at the top. Anything else may change without a build: documents,
# configuration, recordings.
program_folders=(PostProcess Inference Capture Render Host interop)

# sources program|tests: a hash that changes with every source, also when one is deleted or replaced by an older one.
sources() {
  # The program carries the files of deploy/ in it.
  local folders=("${program_folders[@]}" deploy)
  [[ $1 == program ]] || folders+=(tests)
  {
    find "$root" -maxdepth 1 \( -name '*.props' -o -name '*.sln' -o -name global.json -o -name .editorconfig \) \
      -printf '%P %s %T@\n'
    find "${folders[@]/#/$root/}" \( -name bin -o -name obj \) -prune -o -type f -printf '%p %s %T@\n'
  } | LC_ALL=C sort | sha256sum
}

# build program|tests PROJECT
build() {
  require_sdk || return
  local how=()
  # Other surroundings leave outputs that look current, and a build that was killed may leave half a file.
  if [[ -e $state/building || ! -e $state/$1.stamp || $(head -n 1 "$state/$1.stamp") != "$(surroundings)" ]]; then
    how=(--no-incremental)
  fi
  touch "$state/building"
  say "Building $2"
  # The servers that a build leaves running must not inherit the lock.
  if ! dotnet build "$root/$2" -c Release "${how[@]}" -nodeReuse:false -tl:off -v:q -clp:'ErrorsOnly;NoSummary' \
    >"$state/build.log" 2>&1 9>&-; then
    rm "$state/building"
    # Each error once, with the path from the top and without the project's name behind it.
    sed -e "s,$root/,,g" -e 's, \[[^]]*proj[^]]*\]$,,' "$state/build.log" | sort -u >&2
    if grep -q 'NU1301' "$state/build.log"; then
      fail "Building" "NuGet's feed can't be reached. Start again when the network is back."
    else
      fail "Building" "see above."
    fi
    return
  fi
  rm "$state/building"
}

require_sdk() {
  if ! command -v dotnet >/dev/null; then
    fail "Building" "the .NET SDK 10 is missing. Install the package dotnet-sdk-10.0 (docs/install.md says from where)."
  elif ! (cd "$root" && dotnet --version) >"$state/build.log" 2>&1; then
    fail "Building" "no .NET SDK here is 10.0.100 or newer ($(dotnet --list-sdks | tr '\n' ';')).
    Install the package dotnet-sdk-10.0 (docs/install.md says from where)."
  fi
}

# The model is converted again when its package changes, or what converts and describes it.
model_stamp() {
  echo "$coco_ssd_sha512"
  cat "$root"/Inference/{Import,Onnx,Models}/* | sha256sum
}

have_model() {
  [[ -e $default_model.onnx && -e $default_model.json && -r $state/model.stamp ]] &&
    [[ $(<"$state/model.stamp") == "$(model_stamp)" ]]
}

get_model() {
  have_coco_ssd || get_coco_ssd || return
  say "Converting the default model, ${default_model##*/}"
  if ! "$program" models import "$PIPELINE_CACHE/coco-ssd" >"$state/model.log" 2>&1; then
    fail "Converting the default model" "$(tail -n 1 "$state/model.log")"
    return
  fi
  model_stamp >"$state/model.stamp"
}
