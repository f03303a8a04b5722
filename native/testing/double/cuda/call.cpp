#include "cuda/call.h"

#include "program.h"

#include <new>

namespace pipeline::simulation {
namespace {

thread_local int lastError = CudaSuccess;

struct ErrorText {
    int status;
    char const* name;
    char const* text;
};

constexpr ErrorText kErrors[] = {
    {CudaSuccess, "cudaSuccess", "no error"},
    {CudaInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {CudaOutOfMemory, "cudaErrorMemoryAllocation", "out of memory"},
    {CudaInsufficientDriver, "cudaErrorInsufficientDriver", "CUDA driver version is insufficient for CUDA runtime version"},
    {CudaNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {CudaInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {CudaInvalidHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {CudaNotReady, "cudaErrorNotReady", "device not ready"},
    {CudaCaptureUnsupported, "cudaErrorStreamCaptureUnsupported", "operation not permitted when stream is capturing"},
    {CudaCaptureInvalidated, "cudaErrorStreamCaptureInvalidated", "operation failed due to a previous error during capture"},
    {CudaCaptureUnmatched, "cudaErrorStreamCaptureUnmatched", "capture was not ended in the same stream as it began"},
    {CudaCaptureIsolation, "cudaErrorStreamCaptureIsolation", "dependency created on uncaptured work in another stream"},
    {CudaCapturedEvent, "cudaErrorCapturedEvent", "operation not permitted on an event last recorded in a capturing stream"},
    {CudaCaptureWrongThread, "cudaErrorStreamCaptureWrongThread", "attempt to terminate a thread-local capture from another thread"},
    {CudaUnknown, "cudaErrorUnknown", "unknown error"},
};

} // namespace

std::unique_lock<std::recursive_mutex> lockDevice() {
    static std::recursive_mutex device;
    return std::unique_lock<std::recursive_mutex>(device);
}

int keepLastError(int status) noexcept {
    return lastError = status;
}

int currentException() noexcept {
    try {
        throw;
    } catch (CudaError const& error) {
        return error.status;
    } catch (std::bad_alloc const&) {
        return CudaOutOfMemory;
    } catch (...) {
        return CudaUnknown;
    }
}

void demandUsableDevice() {
    auto const program = currentProgram();
    demand(program->driver / 1000 >= program->cuda / 1000, CudaInsufficientDriver);
    demand(program->device.isPresent, CudaNoDevice);
}

} // namespace pipeline::simulation

using namespace pipeline::simulation;

CUDA_EXPORT char const* cudaGetErrorName(int status) {
    for (ErrorText const& error : kErrors) {
        if (error.status == status) return error.name;
    }
    return "unrecognized error code";
}

CUDA_EXPORT char const* cudaGetErrorString(int status) {
    for (ErrorText const& error : kErrors) {
        if (error.status == status) return error.text;
    }
    return "unrecognized error code";
}

CUDA_EXPORT int cudaGetLastError(void) {
    int const status = lastError;
    lastError = CudaSuccess;
    return status;
}
