#!/bin/bash
# Packs what measures a GPU on a machine without .NET, OpenCV and a network: eng/gpu/pack.sh [FOLDER]
#
# FOLDER (default: out/gpu) gets run.sh and pieces below 60 MiB. Bring both there, then start run.sh.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
folder=$(realpath -m -- "${1:-$root/out/gpu}")
piece=59M # beside a checkout of 5 MB in an upload of 64 MiB
pictures=10 # of the sample video, 80 frames apart: those that the tests' reference has

# shellcheck source=../setup.sh
source "$root/eng/setup.sh"
set_up packages onnxruntime program sample model cuda
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "Publishing the program with its runtime"
dotnet publish "$root/Host" -c Release -r linux-x64 --self-contained -o "$work/ssd-pipeline" -nodeReuse:false -tl:off \
  -v:q -clp:'ErrorsOnly;NoSummary' >&2
rm -f "$work"/ssd-pipeline/*.{pdb,xml}
cp "$root/appsettings.json" "$work/ssd-pipeline"
mkdir "$work/ssd-pipeline/models"
cp -L "$root"/models/ssdlite_mobilenet_v2_coco.{onnx,json} "$work/ssd-pipeline/models"
cp -rL "$root/cuda" "$work/ssd-pipeline/cuda"
cp "$root/eng/gpu/peer.py" "$work"
# .NET computes hashes by OpenSSL, the one library that it takes from the system.
mkdir "$work/lib"
cp -L /usr/lib/x86_64-linux-gnu/lib{ssl,crypto}.so.3 "$work/lib"
ffmpeg -v error -i "$sample_video" -vf "select='not(mod(n,80))'" -frames:v "$pictures" -fps_mode passthrough \
  -f image2pipe -c:v ppm "$work/pictures.ppm"

say "Packing (minutes; XZ_OPT=-1 is quicker and packs larger)"
mkdir -p "$folder"
rm -f "$folder"/pieces.*
cp "$root/eng/gpu/run.sh" "$folder"
tar -c -C "$work" ssd-pipeline lib peer.py pictures.ppm | xz -T0 | split -b "$piece" -d - "$folder/pieces."
(cd "$folder" && sha256sum pieces.* >sums)
ls -l "$folder" >&2
