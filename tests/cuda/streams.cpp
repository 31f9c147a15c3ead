// CUDA's run-time library, continued: streams, events and graphs.
#include <cstring>

#include "runtime.h"

using namespace standin;

namespace standin {

int in_stream(void *stream, bool waits, Operation operation) {
  if (broken()) return keep(broken());
  Stream *known = Streams::get().find(stream);
  if (stream && !known) return keep(InvalidResourceHandle);
  if (known) {
    known->put(std::move(operation));
    if (waits && !known->capture) known->wait_until_done();
    return keep(Success);
  }
  // The default stream: everything in the blocking streams comes first.
  if (const Error error = Streams::get().check_no_capture("default-stream")) return keep(error);
  Streams::get().wait_for(false);
  operation();
  return keep(Success);
}

}  // namespace standin

extern "C" {

// --- streams and events

int cudaStreamCreateWithFlags(void **stream, unsigned flags) {
  *stream = Streams::get().create(flags == 0);
  count("stream.creations");
  return keep(Success);
}

int cudaStreamCreate(void **stream) { return cudaStreamCreateWithFlags(stream, 0); }

int cudaStreamDestroy(void *stream) {
  count("stream.releases");
  return keep(Streams::get().destroy(static_cast<Stream *>(stream)));
}

int cudaStreamQuery(void *stream) {
  if (const Error error = Streams::get().check_no_capture("cudaStreamQuery")) return keep(error);
  Stream *known = Streams::get().find(stream);
  if (!known) return keep(InvalidResourceHandle);
  return keep(known->is_done() ? Success : broken() ? broken() : NotReady);
}

int cudaStreamSynchronize(void *stream) {
  if (!stream) {
    Streams::get().wait_for(false);
    return keep(Success);
  }
  Stream *known = Streams::get().find(stream);
  if (!known) return keep(InvalidResourceHandle);
  if (known->capture) {
    known->capture_is_broken = true;
    return keep(StreamCaptureUnsupported);
  }
  known->wait_until_done();
  return keep(Success);
}

int cudaStreamWaitEvent(void *stream, void *event, unsigned) {
  const std::shared_ptr<Occurrence> last = static_cast<Event *>(event)->last;
  Stream *known = Streams::get().find(stream);
  if (!known) return keep(InvalidResourceHandle);
  if (!last) return keep(Success);
  if (known->capture != last->capture) {
    known->capture_is_broken = true;
    return keep(StreamCaptureIsolation);
  }
  known->put([last] { last->wait(); });
  return keep(Success);
}

int cudaEventCreateWithFlags(void **event, unsigned flags) {
  *event = new Event{(flags & 2) == 0, nullptr};
  count("event.creations");
  return keep(Success);
}

int cudaEventCreate(void **event) { return cudaEventCreateWithFlags(event, 0); }

int cudaEventDestroy(void *event) {
  delete static_cast<Event *>(event);
  count("event.releases");
  return keep(Success);
}

int cudaEventRecord(void *event, void *stream) {
  Stream *known = Streams::get().find(stream);
  if (stream && !known) return keep(InvalidResourceHandle);
  auto occurrence = std::make_shared<Occurrence>();
  occurrence->capture = known ? known->capture : nullptr;
  static_cast<Event *>(event)->last = occurrence;
  if (known) known->put([occurrence] { occurrence->happen(); });
  else occurrence->happen();
  return keep(Success);
}

int cudaEventSynchronize(void *event) {
  if (const Error error = Streams::get().check_no_capture("cudaEventSynchronize")) return keep(error);
  const std::shared_ptr<Occurrence> last = static_cast<Event *>(event)->last;
  if (last) last->wait();
  return keep(Success);
}

int cudaEventElapsedTime(float *milliseconds, void *from, void *to) {
  const auto *first = static_cast<Event *>(from), *second = static_cast<Event *>(to);
  if (!first->last || !second->last || !first->has_time || !second->has_time) return keep(InvalidResourceHandle);
  if (!first->last->has_happened || !second->last->has_happened) return keep(NotReady);
  *milliseconds = static_cast<float>(second->last->milliseconds - first->last->milliseconds);
  return keep(Success);
}

int cudaLaunchHostFunc(void *stream, void (*function)(void *), void *data) {
  return in_stream(stream, false, [=] { function(data); });
}

// --- graphs

int cudaStreamBeginCapture(void *stream, int) {
  Stream *known = Streams::get().find(stream);
  if (!known || known->capture) return keep(InvalidValue);
  known->capture_is_broken = false;
  known->capture = new Graph;
  count("graph.captures");
  return keep(Success);
}

int cudaStreamEndCapture(void *stream, void **graph) {
  Stream *known = Streams::get().find(stream);
  if (!known || !known->capture) return keep(InvalidValue);
  *graph = known->capture;
  known->capture = nullptr;
  if (!known->capture_is_broken) return keep(Success);
  delete static_cast<Graph *>(*graph);
  *graph = nullptr;
  return keep(StreamCaptureInvalidated);
}

int cudaStreamIsCapturing(void *stream, int *status) {
  Stream *known = Streams::get().find(stream);
  *status = known && known->capture ? 1 : 0;
  return keep(Success);
}

int cudaGraphInstantiate(void **executable, void *graph, unsigned long long) {
  *executable = new Graph(*static_cast<Graph *>(graph));
  return keep(Success);
}

int cudaGraphDestroy(void *graph) {
  delete static_cast<Graph *>(graph);
  return keep(Success);
}

int cudaGraphExecDestroy(void *executable) { return cudaGraphDestroy(executable); }

int cudaGraphLaunch(void *executable, void *stream) {
  Stream *known = Streams::get().find(stream);
  if (!known) return keep(InvalidResourceHandle);
  count("graph.launches");
  for (const auto &[first, bytes] : static_cast<Graph *>(executable)->read) {
    if (std::memcmp(first, bytes.data(), bytes.size()) != 0) count("graph.copies-of-changed-bytes");
  }
  for (const Operation &operation : static_cast<Graph *>(executable)->operations) known->put(operation);
  return keep(broken());
}

}  // extern "C"
