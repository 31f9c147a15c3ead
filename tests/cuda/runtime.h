// What the parts of CUDA's run-time library share.
#pragma once

#include "device.h"

namespace standin {

// Notes a call's error for cudaGetLastError, and returns it; a broken device's error where the call has none.
int keep(Error error);

// Puts an operation into a stream, or does it at once in the default one; with `waits` it is done when this returns.
int in_stream(void *stream, bool waits, Operation operation);

}  // namespace standin
