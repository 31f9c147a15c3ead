// cuBLAS, cuBLASLt and cuDNN, as far as ONNX Runtime's CUDA provider calls them: nobody keeps what a descriptor is told, and
// what would compute puts a kernel that does nothing into the handle's stream. Each library is built from this file, with its
// calls alone.
#include <dlfcn.h>

#include <cstddef>
#include <cstdint>

#include "device.h"

namespace {

struct Handle {
  void *stream = nullptr;
};

// CUBLAS_STATUS_EXECUTION_FAILED, or CUDNN_STATUS_EXECUTION_FAILED_CUDART. On a broken device NVIDIA's give it too, and do not
// say why.
#ifdef STANDIN_CUDNN
[[maybe_unused]] constexpr int execution_failed = 5003;
#else
[[maybe_unused]] constexpr int execution_failed = 13;
#endif

[[maybe_unused]] int compute(const char *name, void *handle) {
  return standin::broken() || standin::launch(name, static_cast<Handle *>(handle)->stream) ? execution_failed : 0;
}

}  // namespace

#define FINE(name) \
  int name() { return 0; }
#define COMPUTES(name) \
  int name(void *handle) { return compute(#name, handle); }
#define MAKES(name) \
  int name(void **made) { return *made = new Handle, 0; }
#define ENDS(name) \
  int name(void *made) { return delete static_cast<Handle *>(made), 0; }

extern "C" {

#ifdef STANDIN_CUBLAS
MAKES(cublasCreate_v2)
ENDS(cublasDestroy_v2)
int cublasSetStream_v2(void *handle, void *stream) { return static_cast<Handle *>(handle)->stream = stream, 0; }
int cublasGetMathMode(void *, int *mode) { return *mode = 0, 0; }
FINE(cublasSetMathMode)
const char *cublasGetStatusName(int) { return "CUBLAS_STATUS"; }
const char *cublasGetStatusString(int) { return "a status of the stand-in"; }
COMPUTES(cublasDcopy_v2)
COMPUTES(cublasDgeam)
COMPUTES(cublasDgemmBatched)
COMPUTES(cublasDgemmStridedBatched)
COMPUTES(cublasDgemm_v2)
COMPUTES(cublasDgetrfBatched)
COMPUTES(cublasDgetriBatched)
COMPUTES(cublasGemmBatchedEx)
COMPUTES(cublasGemmEx)
COMPUTES(cublasGemmStridedBatchedEx)
COMPUTES(cublasScopy_v2)
COMPUTES(cublasSgeam)
COMPUTES(cublasSgemmBatched)
COMPUTES(cublasSgemmStridedBatched)
COMPUTES(cublasSgemm_v2)
COMPUTES(cublasSgetrfBatched)
COMPUTES(cublasSgetriBatched)
COMPUTES(cublasSscal_v2)
#endif

#ifdef STANDIN_CUBLASLT
MAKES(cublasLtCreate)
ENDS(cublasLtDestroy)
FINE(cublasLtMatmul)
FINE(cublasLtMatmulAlgoConfigSetAttribute)
FINE(cublasLtMatmulAlgoGetHeuristic)
FINE(cublasLtMatmulAlgoInit)
FINE(cublasLtMatmulDescCreate)
FINE(cublasLtMatmulDescDestroy)
FINE(cublasLtMatmulDescSetAttribute)
FINE(cublasLtMatmulPreferenceCreate)
FINE(cublasLtMatmulPreferenceDestroy)
FINE(cublasLtMatmulPreferenceSetAttribute)
FINE(cublasLtMatrixLayoutCreate)
FINE(cublasLtMatrixLayoutDestroy)
FINE(cublasLtMatrixLayoutSetAttribute)
FINE(cublasLtMatrixTransform)
FINE(cublasLtMatrixTransformDescCreate)
FINE(cublasLtMatrixTransformDescDestroy)
#endif

#ifdef STANDIN_CUDNN
size_t cudnnGetVersion() { return 91200; }
const char *cudnnGetErrorString(int) { return "a status of the stand-in"; }
void cudnnGetLastErrorString(char *text, size_t) { *text = 0; }
// NVIDIA's library opens its parts when it needs them, and does not always look beside itself.
int cudnnCreate(void **handle) {
  constexpr int not_initialized = 1001;
  return dlopen("libcudnn_graph.so.9", RTLD_LAZY) ? (*handle = new Handle, 0) : not_initialized;
}
ENDS(cudnnDestroy)
int cudnnSetStream(void *handle, void *stream) { return static_cast<Handle *>(handle)->stream = stream, 0; }
int cudnnGetStream(void *handle, void **stream) { return *stream = static_cast<Handle *>(handle)->stream, 0; }

MAKES(cudnnCreateActivationDescriptor)
ENDS(cudnnDestroyActivationDescriptor)
FINE(cudnnSetActivationDescriptor)
MAKES(cudnnCreateConvolutionDescriptor)
ENDS(cudnnDestroyConvolutionDescriptor)
FINE(cudnnSetConvolutionNdDescriptor)
FINE(cudnnSetConvolutionGroupCount)
FINE(cudnnSetConvolutionMathType)
MAKES(cudnnCreateFilterDescriptor)
ENDS(cudnnDestroyFilterDescriptor)
FINE(cudnnSetFilterNdDescriptor)
MAKES(cudnnCreatePoolingDescriptor)
ENDS(cudnnDestroyPoolingDescriptor)
FINE(cudnnSetPoolingNdDescriptor)
MAKES(cudnnCreateReduceTensorDescriptor)
ENDS(cudnnDestroyReduceTensorDescriptor)
FINE(cudnnSetReduceTensorDescriptor)
MAKES(cudnnCreateTensorDescriptor)
ENDS(cudnnDestroyTensorDescriptor)
FINE(cudnnSetTensorNdDescriptor)

int cudnnGetReductionIndicesSize(void *, void *, void *, void *, size_t *bytes) { return *bytes = 0, 0; }
int cudnnGetReductionWorkspaceSize(void *, void *, void *, void *, size_t *bytes) { return *bytes = 0, 0; }
int cudnnGetConvolutionForwardWorkspaceSize(void *, void *, void *, void *, void *, int, size_t *bytes) { return *bytes = 0, 0; }
int cudnnGetConvolutionForwardAlgorithm_v7(void *, void *, void *, void *, void *, int, int *found, void *) { return *found = 0, 0; }
FINE(cudnnFindConvolutionForwardAlgorithmEx)

COMPUTES(cudnnActivationForward)
COMPUTES(cudnnAddTensor)
COMPUTES(cudnnBatchNormalizationForwardInference)
COMPUTES(cudnnConvolutionBiasActivationForward)
COMPUTES(cudnnConvolutionForward)
COMPUTES(cudnnPoolingForward)
COMPUTES(cudnnReduceTensor)
COMPUTES(cudnnSoftmaxForward)

// Graphs of operations. There is one engine for every graph, and it needs no workspace.
int cudnnBackendCreateDescriptor(int, void **descriptor) { return *descriptor = new Handle, 0; }
ENDS(cudnnBackendDestroyDescriptor)
FINE(cudnnBackendSetAttribute)
FINE(cudnnBackendFinalize)

int cudnnBackendGetAttribute(void *, int name, int, int64_t room, int64_t *count, void *values) {
  bool has_one = true;
  switch (name) {
    case 202:  // what the heuristics found: one configuration
    case 300:  // its engine
      break;
    case 304:  // shared memory that it takes
      if (room > 0 && values) *static_cast<int32_t *>(values) = 0;
      break;
    case 303:   // its workspace
    case 402:   // the plan's workspace
    case 1301:  // the engine's number
      if (room > 0 && values) *static_cast<int64_t *>(values) = 0;
      break;
    default:  // notes and knobs: there are none
      has_one = false;
  }
  if (count) *count = has_one;
  return 0;
}

int cudnnBackendExecute(void *handle, void *, void *) { return compute("cudnnBackendExecute", handle); }
#endif

}  // extern "C"
