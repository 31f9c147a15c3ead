#!/bin/bash
# Measures a GPU with what pack.sh has packed; needs a driver, CUDA 13, cuDNN 9, and Python only for the peer.
#
#   run.sh --cuda-libraries FOLDER [--out FOLDER] [--minutes N] [--provider cuda|cpu] [--setups "NAME,NAME"]
#          [--batches 8,1,32] [--seconds 2] [--models "NAME NAME"] [--python PYTHON] [--no-peer]
#
# --cuda-libraries: where CUDA's libraries are, sub-folders included: a PyTorch's site-packages/nvidia. 'system' for where
# the system looks. Every model's figures go into FOLDER/NAME.json (default: results), written anew after each line, and the
# peer's into FOLDER/peer-NAME.json. The most wanted are measured first: models in the order named, each followed by the
# peer's where it has that network.
#
# --minutes: all ends within that time (one decimal at most). Each step gets what is left; what it measured until then is
# kept, and a line says what was cut off. Exits 0 also then: 1 means that something failed, 2 a wrong option.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libraries='' out=results minutes='' provider=cuda setups='' batches=8,1,32 seconds=2 python=python3 peer=yes
models='ssd300-vgg16 ssdlite_mobilenet_v2_coco ssd512-vgg16'
grace=15 # seconds for a step to end by itself once it is told to
while (($#)); do
  case $1 in
    --no-peer) peer='' ;;
    --cuda-libraries | --out | --minutes | --provider | --setups | --batches | --seconds | --models | --python)
      (($# > 1)) || { echo "$1 needs a value" >&2; exit 2; }
      case $1 in
        --cuda-libraries) libraries=$2 ;;
        --out) out=$2 ;;
        --minutes) minutes=$2 ;;
        --provider) provider=$2 ;;
        --setups) setups=$2 ;;
        --batches) batches=$2 ;;
        --seconds) seconds=$2 ;;
        --models) models=$2 ;;
        --python) python=$2 ;;
      esac
      shift
      ;;
    *) echo "run.sh knows no option '$1'" >&2; exit 2 ;;
  esac
  shift
done
[[ $libraries || $provider == cpu ]] || { echo "--cuda-libraries FOLDER is needed ('system' for the system's own)" >&2; exit 2; }
[[ ! $minutes || $minutes =~ ^([0-9]{1,4})(\.([0-9]))?$ ]] || {
  echo "--minutes is '$minutes', which is no number of minutes, such as 9 or 9.5" >&2
  exit 2
}
[[ ! $minutes ]] || end=$((10#${BASH_REMATCH[1]} * 60 + ${BASH_REMATCH[3]:-0} * 6)) # in seconds from the script's start

unpack() {
  (cd "$here" && sha256sum --quiet -c sums)
  if command -v xz >/dev/null; then
    cat "$here"/pieces.* | tar -xJ -C "$here"
  else
    cat "$here"/pieces.* | "$python" -c 'import sys, tarfile; tarfile.open(fileobj=sys.stdin.buffer, mode="r|xz").extractall(sys.argv[1])' "$here"
  fi
  touch "$here/.unpacked"
}

[[ -e $here/.unpacked ]] || unpack
mkdir -p "$out"
# A command and not a function, which 'timeout' could not start.
program=(env "LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib" "$here/ssd-pipeline/ssd-pipeline")
export PIPELINE_Inference__Provider=$provider
# A checkout above this folder would be taken for the program's home.
export PIPELINE_Model__Folder=$here/ssd-pipeline/models PIPELINE_Inference__CudaRuntime=$here/ssd-pipeline/cuda
[[ ! $libraries || $libraries == system ]] || export PIPELINE_Inference__CudaLibraries__0=$libraries

# limited COMMAND…: runs it; with --minutes, tells it to end when the time is up, and ends it $grace seconds later.
# Its exit code; 124 where the time was up.
limited() {
  [[ $minutes ]] || { "$@"; return; }
  local left=$((end - SECONDS - grace - 1)) code=0
  ((left > 0)) || return 124
  timeout --foreground -s INT -k "$grace" "$left" "$@" || code=$?
  # 137 is also what the kernel leaves of a process that took too much memory.
  ((code != 137 || SECONDS < end - grace)) || code=124
  return "$code"
}

failed=''
# step NAME FILE COMMAND…: measures; FILE is where its figures go.
step() {
  local name=$1 file=$2 code=0
  rm -f "$file"
  limited "${@:3}" || code=$?
  if ((code == 124)) && [[ -e $file ]]; then
    echo "$name was cut off by --minutes $minutes: $file has what was measured until then"
  elif ((code == 124)); then
    echo "$name was not measured: no time was left of --minutes $minutes"
  elif ((code)); then
    echo "$name failed with exit code $code"
    failed=yes
  fi
}

# What only describes the machine may not use up the time: a driver in trouble lets such commands hang.
{
  uname -sr
  command -v nvidia-smi >/dev/null && limited timeout -k 5 30 nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv
  limited timeout -k 5 30 "${program[@]}" --version
} >"$out/machine.txt" 2>&1 || true
cat "$out/machine.txt"
# It misses OpenCV, and says which CUDA libraries it found.
limited timeout -k 5 60 "${program[@]}" doctor >"$out/doctor.txt" 2>&1 || true

# PyTorch brings the same libraries; the peer runs after the program, never beside it.
[[ $peer ]] && "$python" -c 'import importlib.util, sys; sys.exit(not importlib.util.find_spec("torch"))' 2>/dev/null || peer=''
for model in $models; do
  step "$model" "$out/$model.json" "${program[@]}" bench device "$model" ${setups:+--setups "$setups"} \
    --batches "$batches" --seconds "$seconds" --pictures "$here/pictures.ppm" --json "$out/$model.json"
  [[ $peer && $model =~ ^ssd(300|512)-vgg16$ ]] || continue
  step "PyTorch's $model" "$out/peer-$model.json" "$python" "$here/peer.py" --sides "${BASH_REMATCH[1]}" \
    --batches "$batches" --seconds "$seconds" --json "$out/peer-$model.json"
done
[[ ! $failed ]]
