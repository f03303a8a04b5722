// How the CUDA functions of the double answer: an error number, kept for the thread until it is asked for. No exception leaves them.
#pragma once

#include <cstdint>
#include <mutex>

#define CUDA_EXPORT extern "C" __attribute__((visibility("default")))

namespace pipeline::simulation {

// The numbers of cudaError_t and CUresult that are given here; both have the same for the same.
enum CudaStatus : int {
    CudaSuccess = 0,
    CudaInvalidValue = 1,
    CudaOutOfMemory = 2,
    CudaInsufficientDriver = 35,
    CudaNoDevice = 100,
    CudaInvalidDevice = 101,
    CudaInvalidHandle = 400,
    CudaNotReady = 600,
    CudaCaptureUnsupported = 900,
    CudaCaptureInvalidated = 901,
    CudaCaptureUnmatched = 903,
    CudaCaptureIsolation = 905,
    CudaCapturedEvent = 907,
    CudaCaptureWrongThread = 908,
    CudaUnknown = 999,
};

struct CudaError {
    CudaStatus status;
};

inline void demand(bool holds, CudaStatus otherwise) {
    if (!holds) throw CudaError{otherwise};
}

// Serializes everything on the device: there is one. Recursive, since work that waits runs the work that it waits for.
std::unique_lock<std::recursive_mutex> lockDevice();

int keepLastError(int status) noexcept;
int currentException() noexcept;
void demandUsableDevice();

// The body of a runtime function that needs the device.
template <typename Body>
int onDevice(Body&& body) noexcept {
    try {
        auto const lock = lockDevice();
        demandUsableDevice();
        body();
        return CudaSuccess;
    } catch (...) {
        return keepLastError(currentException());
    }
}

} // namespace pipeline::simulation
