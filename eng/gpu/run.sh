#!/bin/bash
# Measures a GPU with what pack.sh has packed; needs a driver, CUDA 13, cuDNN 9, and Python only for the peer.
#
#   run.sh --cuda-libraries FOLDER [--out FOLDER] [--provider cuda|cpu] [--batches 1,8,32] [--seconds 2]
#          [--models "NAME NAME"] [--python PYTHON] [--no-peer]
#
# --cuda-libraries: where CUDA's libraries are, sub-folders included: a PyTorch's site-packages/nvidia. 'system' for where
# the system looks. Every model's figures go into FOLDER/NAME.json (default: results), written anew after each line.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libraries='' out=results provider=cuda batches=1,8,32 seconds=2 python=python3 peer=yes
models='ssdlite_mobilenet_v2_coco ssd300-vgg16 ssd512-vgg16'
while (($#)); do
  case $1 in
    --no-peer) peer='' ;;
    --cuda-libraries | --out | --provider | --batches | --seconds | --models | --python)
      (($# > 1)) || { echo "$1 needs a value" >&2; exit 2; }
      case $1 in
        --cuda-libraries) libraries=$2 ;;
        --out) out=$2 ;;
        --provider) provider=$2 ;;
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
program() { LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib "$here/ssd-pipeline/ssd-pipeline" "$@"; }
export PIPELINE_Inference__Provider=$provider
# A checkout above this folder would be taken for the program's home.
export PIPELINE_Model__Folder=$here/ssd-pipeline/models PIPELINE_Inference__CudaRuntime=$here/ssd-pipeline/cuda
[[ ! $libraries || $libraries == system ]] || export PIPELINE_Inference__CudaLibraries__0=$libraries

{
  uname -sr
  command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv
  program --version
} >"$out/machine.txt" 2>&1 || true
cat "$out/machine.txt"
program doctor >"$out/doctor.txt" 2>&1 || true # it misses OpenCV, and says which CUDA libraries it found

failed=''
for model in $models; do
  program bench device "$model" --batches "$batches" --seconds "$seconds" --pictures "$here/pictures.ppm" \
    --json "$out/$model.json" || failed=yes
done

# PyTorch brings the same libraries; the peer runs after the program, never beside it.
if [[ $peer ]] && "$python" -c 'import torch' 2>/dev/null; then
  "$python" "$here/peer.py" --batches "$batches" --seconds "$seconds" --json "$out/peer.json" || failed=yes
fi
[[ ! $failed ]]
