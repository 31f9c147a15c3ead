#include "device.h"

#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <sstream>

namespace standin {

namespace {

std::atomic<int> broken_with{0};

struct Counts {
  std::mutex gate;
  std::map<std::string, long> numbers;
};

// Never destroyed: threads count until the process has ended.
Counts &counts() {
  static Counts *all = new Counts;
  return *all;
}

__attribute__((destructor)) void report() {
  const char *path = std::getenv("STANDIN_CUDA_REPORT");
  std::lock_guard lock(counts().gate);
  if (!path || counts().numbers.empty()) return;  // the driver's library counts nothing
  FILE *file = std::fopen(path, "w");
  if (!file) return;
  for (const auto &[what, number] : counts().numbers) std::fprintf(file, "%s %ld\n", what.c_str(), number);
  std::fclose(file);
}

Machine read_machine() {
  Machine machine;
  const char *text = std::getenv("STANDIN_CUDA");
  std::istringstream words(text ? text : "");
  for (std::string word; words >> word;) {
    const size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (key == "devices") machine.devices = std::stoi(value);
    else if (key == "driver") machine.driver = std::stoi(value);
    else if (key == "memory") machine.memory = std::stoul(value) << 20;
    else if (key == "delay") machine.delay = std::stoi(value);
    else if (key == "fail") {
      const size_t first = value.find(':'), second = value.find(':', first + 1);
      const std::string with = value.substr(second + 1);
      machine.faults.push_back(
          {value.substr(0, first), std::stol(value.substr(first + 1)), value[second - 1] == '+', with == "hang" ? -1 : std::stoi(with)});
    } else {
      std::fprintf(stderr, "STANDIN_CUDA knows no '%s'\n", word.c_str());
      std::abort();
    }
  }
  return machine;
}

double now() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void take_time() {
  const int delay = Machine::get().delay;
  if (delay == 0) return;
  static thread_local std::minstd_rand random{std::random_device{}()};
  std::this_thread::sleep_for(std::chrono::microseconds(random() % delay));
}

}  // namespace

const Machine &Machine::get() {
  static const Machine machine = read_machine();
  return machine;
}

void count(const std::string &what, long amount) {
  std::lock_guard lock(counts().gate);
  counts().numbers[what] += amount;
}

Error broken() { return static_cast<Error>(broken_with.load()); }

void break_device(Error error) { broken_with = error; }

// --- memory

Memory &Memory::get() {
  static Memory *memory = new Memory;
  return *memory;
}

Memory::Memory() {
  const size_t size = Machine::get().memory;
  void *addresses = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  void *bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (addresses == MAP_FAILED || bytes == MAP_FAILED) std::abort();
  addresses_ = static_cast<char *>(addresses);
  bytes_ = static_cast<char *>(bytes);
}

Error Memory::allocate(void **address, size_t bytes) {
  constexpr size_t alignment = 256;
  const size_t size = (bytes + alignment - 1) / alignment * alignment;
  std::lock_guard lock(gate_);
  size_t offset = 0;
  for (const auto &[start, length] : taken_) {
    if (start - offset >= size) break;
    offset = start + length;
  }
  if (offset + size > Machine::get().memory) return MemoryAllocation;
  taken_[offset] = size;
  in_use_ += size;
  std::memset(bytes_ + offset, 0xAA, size);  // nobody may count on zeros
  *address = addresses_ + offset;
  return Success;
}

Error Memory::release(void *address) {
  if (!address) return Success;
  std::lock_guard lock(gate_);
  const auto found = taken_.find(static_cast<char *>(address) - addresses_);
  if (!has(address) || found == taken_.end()) return InvalidValue;
  std::memset(bytes_ + found->first, 0xBB, found->second);
  in_use_ -= found->second;
  taken_.erase(found);
  return Success;
}

bool Memory::has(const void *address) const {
  const char *there = static_cast<const char *>(address);
  return there >= addresses_ && there < addresses_ + Machine::get().memory;
}

bool Memory::has(const void *address, size_t bytes) {
  if (!has(address)) return false;
  const size_t offset = static_cast<const char *>(address) - addresses_;
  std::lock_guard lock(gate_);
  auto next = taken_.upper_bound(offset);
  if (next == taken_.begin()) return false;
  --next;
  return offset + bytes <= next->first + next->second;
}

void *Memory::at(const void *address) const {
  return has(address) ? bytes_ + (static_cast<const char *>(address) - addresses_) : const_cast<void *>(address);
}

size_t Memory::available() {
  std::lock_guard lock(gate_);
  return Machine::get().memory - in_use_;
}

Pinned &Pinned::get() {
  static Pinned *pinned = new Pinned;
  return *pinned;
}

Error Pinned::allocate(void **address, size_t bytes) {
  *address = std::malloc(bytes);
  if (!*address) return MemoryAllocation;
  std::memset(*address, 0xCC, bytes);
  std::lock_guard lock(gate_);
  taken_[static_cast<char *>(*address)] = bytes;
  return Success;
}

Error Pinned::release(void *address) {
  if (!address) return Success;
  std::lock_guard lock(gate_);
  if (taken_.erase(static_cast<char *>(address)) == 0) return InvalidValue;
  std::free(address);
  return Success;
}

bool Pinned::has(const void *address) {
  const char *there = static_cast<const char *>(address);
  std::lock_guard lock(gate_);
  auto next = taken_.upper_bound(there);
  return next != taken_.begin() && there < std::prev(next)->first + std::prev(next)->second;
}

// --- order

void Occurrence::happen() {
  std::lock_guard lock(gate);
  has_happened = true;
  milliseconds = now();
  happened.notify_all();
}

void Occurrence::wait() {
  std::unique_lock lock(gate);
  happened.wait(lock, [this] { return has_happened; });
}

Stream::Stream(bool waits_for_default) : waits_for_default_(waits_for_default), thread_([this] { work(); }) {}

Stream::~Stream() {
  {
    std::lock_guard lock(gate_);
    ends_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Stream::put(Operation operation) {
  if (capture) {
    capture->operations.push_back(std::move(operation));
    return;
  }
  std::lock_guard lock(gate_);
  queue_.push_back(std::move(operation));
  open_++;
  changed_.notify_all();
}

void Stream::wait_until_done() {
  std::unique_lock lock(gate_);
  changed_.wait(lock, [this] { return open_ == 0; });
}

bool Stream::is_done() {
  std::lock_guard lock(gate_);
  return open_ == 0;
}

void Stream::work() {
  std::unique_lock lock(gate_);
  while (true) {
    changed_.wait(lock, [this] { return ends_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Operation operation = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    operation();
    lock.lock();
    open_--;
    changed_.notify_all();
  }
}

Streams &Streams::get() {
  static Streams *streams = new Streams;
  return *streams;
}

Stream *Streams::create(bool waits_for_default) {
  std::lock_guard lock(gate_);
  return streams_.emplace_back(std::make_shared<Stream>(waits_for_default)).get();
}

Error Streams::destroy(Stream *stream) {
  std::shared_ptr<Stream> removed;  // destroyed, and so waited for, without the lock
  std::lock_guard lock(gate_);
  for (auto at = streams_.begin(); at != streams_.end(); ++at) {
    if (at->get() == stream) {
      removed = std::move(*at);
      streams_.erase(at);
      return Success;
    }
  }
  return InvalidResourceHandle;
}

Stream *Streams::find(void *handle) {
  std::lock_guard lock(gate_);
  for (const auto &stream : streams_) {
    if (stream.get() == handle) return stream.get();
  }
  return nullptr;
}

// The lock is not held while waiting: what is waited for may need it.
void Streams::wait_for(bool all) {
  std::vector<std::shared_ptr<Stream>> known;
  {
    std::lock_guard lock(gate_);
    known = streams_;
  }
  for (const auto &stream : known) {
    if (all || stream->waits_for_default()) stream->wait_until_done();
  }
}

Error Streams::check_no_capture(const char *call) {
  std::lock_guard lock(gate_);
  Error error = Success;
  for (const auto &stream : streams_) {
    if (stream->capture) {
      stream->capture_is_broken = true;
      error = StreamCaptureUnsupported;
      count(std::string("capture.broken-by.") + call);
    }
  }
  return error;
}

void run(const char *kind, const Operation &operation) {
  static std::atomic<long> kernels{0}, copies{0}, allocations{0};
  const long number = ++(kind[0] == 'k' ? kernels : kind[0] == 'c' ? copies : allocations);
  take_time();
  for (const Fault &fault : Machine::get().faults) {
    if (fault.kind != kind || fault.number != number || fault.fails_at_once()) continue;
    while (fault.error < 0) std::this_thread::sleep_for(std::chrono::hours(1));
    break_device(static_cast<Error>(fault.error));
  }
  if (!broken()) operation();
}

Error launch(const char *name, void *stream) {
  static std::atomic<long> launches{0};
  Stream *known = Streams::get().find(stream);
  if (stream && !known) return InvalidResourceHandle;
  const long number = ++launches;
  for (const Fault &fault : Machine::get().faults) {
    if (fault.kind != "kernel" || !fault.fails_at_once()) continue;
    if (number == fault.number || (fault.keeps_failing && number > fault.number)) return static_cast<Error>(fault.error);
  }
  count("kernels");
  count(std::string("kernel.") + name);
  const Operation nothing = [] { run("kernel", [] {}); };
  if (known) known->put(nothing);
  else nothing();
  return Success;
}

}  // namespace standin
