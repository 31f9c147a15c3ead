// CUDA 13's run-time library, as far as ONNX Runtime's CUDA provider and Pipeline.Inference call it. Names, arguments and
// meanings are those of NVIDIA's CUDA Runtime API; what it refuses, NVIDIA's library refuses too.
// Here: devices, errors, memory and kernels. streams.cpp has the rest.
#include "runtime.h"

#include <cstring>
#include <mutex>
#include <unordered_map>

using namespace standin;

namespace {

thread_local int last_error;
thread_local int current_device;

struct Size3 {
  unsigned x, y, z;
};

struct Configuration {
  Size3 grid, block;
  size_t shared;
  void *stream;
};

thread_local Configuration pending;

std::mutex names_gate;

// Host address of a kernel → its name.
std::unordered_map<const void *, const char *> &names() {
  static auto *all = new std::unordered_map<const void *, const char *>;
  return *all;
}

int launch_kernel(const void *function, void *stream) {
  const char *name;
  {
    std::lock_guard lock(names_gate);
    const auto found = names().find(function);
    name = found == names().end() ? "unknown" : found->second;
  }
  return keep(broken() ? broken() : launch(name, stream));
}

int copy(void *target, const void *source, size_t bytes, void *stream, bool waits) {
  Memory &memory = Memory::get();
  bool is_pageable = false;
  for (const void *side : {static_cast<const void *>(target), source}) {
    if (memory.has(side)) {
      if (!memory.has(side, bytes)) return keep(InvalidValue);
    } else if (!Pinned::get().has(side)) {
      is_pageable = true;
    }
  }
  const char *direction = memory.has(target) ? memory.has(source) ? "device-to-device" : "in" : memory.has(source) ? "out" : "host";
  count(std::string("copies.") + direction);
  count(std::string("bytes.") + direction, static_cast<long>(bytes));
  if (is_pageable && stream) count("copies.pageable-in-stream");
  const Stream *known = stream ? Streams::get().find(stream) : nullptr;
  if (known && known->capture && !memory.has(source)) {
    // A replay reads what is in main memory by then: whoever has freed it meanwhile gets other bytes copied.
    count("graph.copies-from-main-memory");
    const char *first = static_cast<const char *>(source);
    known->capture->read.push_back({first, std::vector<char>(first, first + bytes)});
  }
  return in_stream(stream, waits || is_pageable, [=] {
    run("copy", [=] { std::memmove(Memory::get().at(target), Memory::get().at(source), bytes); });
  });
}

int set(void *target, int value, size_t bytes, void *stream) {
  if (!Memory::get().has(target, bytes)) return keep(InvalidValue);
  return in_stream(stream, false, [=] { run("copy", [=] { std::memset(Memory::get().at(target), value, bytes); }); });
}

}  // namespace

namespace standin {

int keep(Error error) {
  if (!error) error = broken();
  if (error) last_error = error;
  return error;
}

}  // namespace standin

extern "C" {

// --- devices

int cudaGetDeviceCount(int *devices) {
  const Machine &machine = Machine::get();
  *devices = machine.devices;
  return keep(machine.driver < 13000 ? InsufficientDriver : machine.devices ? Success : NoDevice);
}

int cudaSetDevice(int device) {
  if (device < 0 || device >= Machine::get().devices) return keep(InvalidDevice);
  current_device = device;
  return keep(Success);
}

int cudaGetDevice(int *device) {
  *device = current_device;
  return keep(Success);
}

int cudaGetDeviceProperties(void *properties, int device) {
  if (device >= Machine::get().devices) return keep(InvalidDevice);
  struct {  // the beginning of cudaDeviceProp
    char name[256];
    char uuid[16];
    char luid[8];
    unsigned node_mask;
    size_t memory, shared_per_block;
    int registers_per_block, warp_size;
    size_t pitch;
    int threads_per_block, threads[3], grid[3];
    size_t constant_memory;
    int major, minor;
    size_t texture_alignment, texture_pitch_alignment;
    int multiprocessors, integrated, can_map;
    char more[160];
  } known{};
  std::strcpy(known.name, "Stand-in for a GPU");
  known.memory = Machine::get().memory;
  known.shared_per_block = 48 << 10;
  known.registers_per_block = 65536;
  known.warp_size = 32;
  known.pitch = 2147483647;
  known.threads_per_block = 1024;
  known.threads[0] = known.threads[1] = 1024;
  known.threads[2] = 64;
  known.grid[0] = 2147483647;
  known.grid[1] = known.grid[2] = 65535;
  known.major = 9;
  known.multiprocessors = 132;
  std::memcpy(properties, &known, sizeof known);
  return keep(Success);
}

int cudaDeviceGetAttribute(int *value, int attribute, int) {
  switch (attribute) {
    case 1: *value = 1024; break;      // threads of a block
    case 8: *value = 48 << 10; break;  // shared memory of a block
    case 10: *value = 32; break;       // warp
    case 16: *value = 132; break;      // multiprocessors
    case 39: *value = 2048; break;     // threads of a multiprocessor
    case 75: *value = 9; break;        // compute capability
    case 97: *value = 227 << 10; break;
    default: *value = 0;
  }
  return keep(Success);
}

int cudaDeviceSynchronize() {
  if (const Error error = Streams::get().check_no_capture("cudaDeviceSynchronize")) return keep(error);
  Streams::get().wait_for(true);
  return keep(Success);
}

int cudaDriverGetVersion(int *version) { return *version = Machine::get().driver, keep(Success); }

int cudaRuntimeGetVersion(int *version) { return *version = 13000, keep(Success); }

int cudaGetDriverEntryPointByVersion(const char *, void **function, unsigned, unsigned long long, int *found) {
  *function = nullptr;
  if (found) *found = 1;  // no such symbol
  return keep(Success);
}

// --- errors

int cudaGetLastError() {
  const int error = broken() ? broken() : last_error;
  last_error = Success;
  return error;
}

int cudaPeekAtLastError() { return broken() ? broken() : last_error; }

const char *cudaGetErrorName(int error) {
  switch (error) {
    case Success: return "cudaSuccess";
    case InvalidValue: return "cudaErrorInvalidValue";
    case MemoryAllocation: return "cudaErrorMemoryAllocation";
    case InsufficientDriver: return "cudaErrorInsufficientDriver";
    case NoDevice: return "cudaErrorNoDevice";
    case InvalidDevice: return "cudaErrorInvalidDevice";
    case InvalidResourceHandle: return "cudaErrorInvalidResourceHandle";
    case NotSupported: return "cudaErrorNotSupported";
    case IllegalAddress: return "cudaErrorIllegalAddress";
    case StreamCaptureUnsupported: return "cudaErrorStreamCaptureUnsupported";
    case StreamCaptureInvalidated: return "cudaErrorStreamCaptureInvalidated";
    default: return "cudaErrorUnknown";
  }
}

const char *cudaGetErrorString(int error) {
  switch (error) {
    case Success: return "no error";
    case InvalidValue: return "invalid argument";
    case MemoryAllocation: return "out of memory";
    case InsufficientDriver: return "CUDA driver version is insufficient for CUDA runtime version";
    case NoDevice: return "no CUDA-capable device is detected";
    case InvalidDevice: return "invalid device ordinal";
    case InvalidResourceHandle: return "invalid resource handle";
    case NotSupported: return "operation not supported";
    case IllegalAddress: return "an illegal memory access was encountered";
    case StreamCaptureUnsupported: return "operation not permitted when stream is capturing";
    case StreamCaptureInvalidated: return "operation failed due to a previous error during capture";
    default: return "unknown error";
  }
}

// --- memory

int cudaMalloc(void **address, size_t bytes) {
  if (const Error error = Streams::get().check_no_capture("cudaMalloc")) return keep(error);
  run("allocation", [] {});
  const Error error = broken() ? broken() : Memory::get().allocate(address, bytes);
  if (!error) count("device.allocations"), count("device.bytes", static_cast<long>(bytes));
  return keep(error);
}

int cudaFree(void *address) {
  if (const Error error = Streams::get().check_no_capture("cudaFree")) return keep(error);
  Streams::get().wait_for(true);
  if (address) count("device.releases");
  return keep(Memory::get().release(address));
}

int cudaHostAlloc(void **address, size_t bytes, unsigned) {
  if (const Error error = Streams::get().check_no_capture("cudaHostAlloc")) return keep(error);
  count("pinned.allocations");
  return keep(broken() ? broken() : Pinned::get().allocate(address, bytes));
}

int cudaMallocHost(void **address, size_t bytes) { return cudaHostAlloc(address, bytes, 0); }

int cudaFreeHost(void *address) {
  if (const Error error = Streams::get().check_no_capture("cudaFreeHost")) return keep(error);
  if (address) count("pinned.releases");
  return keep(Pinned::get().release(address));
}

int cudaMemGetInfo(size_t *available, size_t *total) {
  *available = Memory::get().available();
  *total = Machine::get().memory;
  return keep(Success);
}

int cudaMemcpy(void *target, const void *source, size_t bytes, int) { return copy(target, source, bytes, nullptr, true); }

int cudaMemcpyAsync(void *target, const void *source, size_t bytes, int, void *stream) {
  return copy(target, source, bytes, stream, false);
}

int cudaMemset(void *target, int value, size_t bytes) { return set(target, value, bytes, nullptr); }

int cudaMemsetAsync(void *target, int value, size_t bytes, void *stream) { return set(target, value, bytes, stream); }

// --- kernels

void **__cudaRegisterFatBinary(void *binary) { return reinterpret_cast<void **>(binary); }

void __cudaRegisterFatBinaryEnd(void **) {}

void __cudaUnregisterFatBinary(void **) {}

void __cudaRegisterFunction(void **, const char *host, char *, const char *name, int, void *, void *, void *, void *, int *) {
  std::lock_guard lock(names_gate);
  names()[host] = name;
}

void __cudaRegisterVar(void **, char *, char *, const char *, int, size_t, int, int) {}

// The compiler puts what stands between <<< and >>> here, and its launching function takes it out again.
unsigned __cudaPushCallConfiguration(Size3 grid, Size3 block, size_t shared, void *stream) {
  pending = {grid, block, shared, stream};
  return 0;
}

int __cudaPopCallConfiguration(Size3 *grid, Size3 *block, size_t *shared, void **stream) {
  *grid = pending.grid, *block = pending.block, *shared = pending.shared, *stream = pending.stream;
  return Success;
}

int __cudaGetKernel(const void **kernel, const void *host) { return *kernel = host, Success; }

int __cudaLaunchKernel(const void *kernel, Size3, Size3, void **, size_t, void *stream) { return launch_kernel(kernel, stream); }

int cudaLaunchKernel(const void *function, Size3, Size3, void **, size_t, void *stream) { return launch_kernel(function, stream); }

int cudaFuncGetAttributes(void *attributes, const void *) {
  struct {
    size_t shared, constant, local;
    int threads, registers;
  } known{0, 0, 0, 1024, 32};
  std::memcpy(attributes, &known, sizeof known);
  return keep(Success);
}

int cudaFuncSetAttribute(const void *, int, int) { return keep(Success); }

int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks, const void *, int, size_t, unsigned) {
  return *blocks = 2, keep(Success);
}

// What no model of an SSD needs.
#define NOT_HERE(name) \
  int name() { return keep(NotSupported); }
NOT_HERE(cudaFreeAsync)
NOT_HERE(cudaKernelSetAttributeForDevice)
NOT_HERE(cudaLaunchKernelExC)
NOT_HERE(cudaLibraryGetKernel)
NOT_HERE(cudaLibraryLoadData)
NOT_HERE(cudaLibraryUnload)
NOT_HERE(cudaMallocFromPoolAsync)
NOT_HERE(cudaMemPoolCreate)
NOT_HERE(cudaMemPoolDestroy)
NOT_HERE(cudaMemPoolGetAttribute)
NOT_HERE(cudaMemPoolSetAttribute)
NOT_HERE(cudaMemPoolTrimTo)
NOT_HERE(cudaMemcpy2DAsync)
NOT_HERE(cudaMemcpyFromSymbol)

}  // extern "C"
