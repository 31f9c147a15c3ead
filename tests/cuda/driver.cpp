// NVIDIA's driver, as far as a program asks it before CUDA.
#include "device.h"

extern "C" {

int cuDriverGetVersion(int *version) { return *version = standin::Machine::get().driver, 0; }

int cuInit(unsigned) { return standin::Machine::get().devices > 0 ? 0 : standin::NoDevice; }

}  // extern "C"
