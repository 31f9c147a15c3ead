#!/bin/bash
# Builds the stand-in's libraries: build.sh FOLDER
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1
mkdir -p "$folder"

# library NAME ARGUMENT...: its symbols carry its name as their version, as NVIDIA's do
library() {
  local name=$1
  echo "$name { global: *; };" >"$folder/$name.map"
  g++ -std=c++17 -O1 -Wall -Wextra -Werror -fPIC -shared -pthread -o "$folder/$name" "${@:2}" \
    -Wl,-soname,"$name" -Wl,--version-script,"$folder/$name.map"
  rm "$folder/$name.map"
}

library libcudart.so.13 "$here"/{cudart,streams,device}.cpp
library libcuda.so.1 "$here"/{driver,device}.cpp
library libcublas.so.13 -DSTANDIN_CUBLAS "$here/libraries.cpp" "$folder/libcudart.so.13"
library libcublasLt.so.13 -DSTANDIN_CUBLASLT "$here/libraries.cpp" "$folder/libcudart.so.13"
library libcudnn.so.9 -DSTANDIN_CUDNN "$here/libraries.cpp" "$folder/libcudart.so.13"
library libcudnn_graph.so.9 "$folder/libcudart.so.13"
library libcurand.so.10 "$folder/libcudart.so.13"
