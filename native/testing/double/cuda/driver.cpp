// What devices and versions there are: the driver's functions, and those of the runtime that need no device.
#include "cuda/call.h"
#include "plan/digest.h"
#include "program.h"

#include <cstring>

using namespace pipeline::simulation;

namespace {

constexpr int kMultiprocessors = 16, kMajor = 75, kMinor = 76; // CUdevice_attribute

template <typename Body>
int asked(Body&& body) noexcept {
    try {
        body(*currentProgram());
        return CudaSuccess;
    } catch (...) {
        return currentException();
    }
}

void demandDevice(Program const& program, int device) {
    demand(program.device.isPresent && device == 0, CudaInvalidDevice);
}

} // namespace

CUDA_EXPORT int cuInit(unsigned flags) {
    return asked([&](Program const& program) {
        demand(flags == 0, CudaInvalidValue);
        demand(program.device.isPresent, CudaNoDevice);
    });
}

CUDA_EXPORT int cuDeviceGetCount(int* count) {
    return asked([&](Program const& program) {
        demand(count != nullptr, CudaInvalidValue);
        *count = program.device.isPresent ? 1 : 0;
    });
}

CUDA_EXPORT int cuDeviceGet(int* device, int ordinal) {
    return asked([&](Program const& program) {
        demand(device != nullptr, CudaInvalidValue);
        demandDevice(program, ordinal);
        *device = ordinal;
    });
}

CUDA_EXPORT int cuDeviceGetName(char* name, int length, int device) {
    return asked([&](Program const& program) {
        demand(name != nullptr && length > 0, CudaInvalidValue);
        demandDevice(program, device);
        std::string const text = program.device.name().substr(0, static_cast<std::size_t>(length) - 1);
        std::memcpy(name, text.c_str(), text.size() + 1);
    });
}

// The same for the same simulated GPU.
CUDA_EXPORT int cuDeviceGetUuid_v2(unsigned char* uuid, int device) {
    return asked([&](Program const& program) {
        demand(uuid != nullptr, CudaInvalidValue);
        demandDevice(program, device);
        Device const& gpu = program.device;
        Digest const digest = digestOf(gpu.name() + " " + std::to_string(gpu.major) + "." + std::to_string(gpu.minor));
        std::memcpy(uuid, digest.data(), 16);
    });
}

CUDA_EXPORT int cuDeviceTotalMem_v2(std::size_t* bytes, int device) {
    return asked([&](Program const& program) {
        demand(bytes != nullptr, CudaInvalidValue);
        demandDevice(program, device);
        *bytes = static_cast<std::size_t>(program.memoryBytes);
    });
}

CUDA_EXPORT int cuDeviceGetAttribute(int* value, int attribute, int device) {
    return asked([&](Program const& program) {
        demand(value != nullptr, CudaInvalidValue);
        demandDevice(program, device);
        switch (attribute) {
        case kMultiprocessors: *value = 1; break;
        case kMajor: *value = program.device.major; break;
        case kMinor: *value = program.device.minor; break;
        default: throw CudaError{CudaInvalidValue};
        }
    });
}

CUDA_EXPORT int cudaDriverGetVersion(int* version) {
    return asked([&](Program const& program) {
        demand(version != nullptr, CudaInvalidValue);
        *version = program.driver;
    });
}

CUDA_EXPORT int cudaRuntimeGetVersion(int* version) {
    return asked([&](Program const& program) {
        demand(version != nullptr, CudaInvalidValue);
        *version = program.cuda;
    });
}

CUDA_EXPORT int cudaSetDevice(int ordinal) {
    return onDevice([&] { demand(ordinal == 0, CudaInvalidDevice); });
}
