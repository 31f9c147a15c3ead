// A GPU made of threads and main memory: what the libraries of the stand-in are built on (README.md).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace standin {

// NVIDIA's numbers, as cudaError_t has them.
enum Error {
  Success = 0,
  InvalidValue = 1,
  MemoryAllocation = 2,
  InsufficientDriver = 35,
  NoDevice = 100,
  InvalidDevice = 101,
  InvalidResourceHandle = 400,
  NotReady = 600,
  IllegalAddress = 700,
  NotSupported = 801,
  StreamCaptureUnsupported = 900,
  StreamCaptureInvalidated = 901,
  StreamCaptureIsolation = 905,
};

// What goes wrong on it.
struct Fault {
  std::string kind;  // "kernel", "copy" or "allocation"
  long number = 0;
  bool keeps_failing = false;  // whether all launches after it give the error too
  int error = 0;  // or -1 for an operation that never ends
  // Whether the call itself gives the error, and the device goes on; a later one breaks it while it works.
  bool fails_at_once() const { return error > 0 && error < NoDevice; }
};

// The machine that is made up: STANDIN_CUDA.
struct Machine {
  int devices = 1;
  int driver = 13000;
  size_t memory = size_t{4096} << 20;
  int delay = 0;
  std::vector<Fault> faults;
  static const Machine &get();
};

// Counts of what happened, and where they go at the end: STANDIN_CUDA_REPORT.
void count(const std::string &what, long amount = 1);

// Device memory. Its addresses can't be read or written; `at` gives where the bytes really are.
class Memory {
 public:
  static Memory &get();
  Error allocate(void **address, size_t bytes);
  Error release(void *address);
  bool has(const void *address) const;
  // Whether so many bytes from an address lie in one allocation.
  bool has(const void *address, size_t bytes);
  void *at(const void *address) const;
  size_t available();

 private:
  Memory();
  std::mutex gate_;
  char *addresses_;  // reserved, without access
  char *bytes_;
  std::map<size_t, size_t> taken_;  // offset → bytes
  size_t in_use_ = 0;
};

// Main memory that is locked; copies from and to other main memory wait for their end, as with CUDA.
class Pinned {
 public:
  static Pinned &get();
  Error allocate(void **address, size_t bytes);
  Error release(void *address);
  bool has(const void *address);

 private:
  std::mutex gate_;
  std::map<const char *, size_t> taken_;
};

// One recording of an event: it happens once.
struct Occurrence {
  std::mutex gate;
  std::condition_variable happened;
  bool has_happened = false;
  double milliseconds = 0;
  const void *capture = nullptr;  // the graph that it was captured into
  void happen();
  void wait();
};

struct Event {
  bool has_time = true;
  std::shared_ptr<Occurrence> last;
};

using Operation = std::function<void()>;

struct Graph {
  std::vector<Operation> operations;
  std::vector<std::pair<const char *, std::vector<char>>> read;  // main memory that it copies from, as it was at the capture
};

// Operations one after the other, on a thread of their own.
class Stream {
 public:
  explicit Stream(bool waits_for_default);
  ~Stream();
  // Runs an operation in its turn, or adds it to the graph that is being captured.
  void put(Operation operation);
  void wait_until_done();
  bool is_done();
  bool waits_for_default() const { return waits_for_default_; }
  Graph *capture = nullptr;
  bool capture_is_broken = false;

 private:
  void work();
  const bool waits_for_default_;
  std::mutex gate_;
  std::condition_variable changed_;
  std::deque<Operation> queue_;
  size_t open_ = 0;
  bool ends_ = false;
  std::thread thread_;
};

// Every stream; null is the default stream, in which everything waits for the blocking ones.
class Streams {
 public:
  static Streams &get();
  Stream *create(bool waits_for_default);
  Error destroy(Stream *stream);
  Stream *find(void *handle);  // null where there is none
  // Waits for all of them, or for the blocking ones.
  void wait_for(bool all);
  // What no thread may do while a graph is captured; what does it anyhow breaks the capture.
  Error check_no_capture(const char *call);

 private:
  std::mutex gate_;
  std::vector<std::shared_ptr<Stream>> streams_;
};

// An operation that takes its time, and fails where the machine is made up so. `kind` is "kernel", "copy" or "allocation".
void run(const char *kind, const Operation &operation);

// Puts a kernel that does nothing into a stream.
Error launch(const char *name, void *stream);

// The error of an operation that broke the device; every call gives it from then on.
Error broken();
void break_device(Error error);

}  // namespace standin
