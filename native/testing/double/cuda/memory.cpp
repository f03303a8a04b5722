#include "cuda/memory.h"

#include "cuda/stream.h"
#include "program.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>

namespace pipeline::simulation {
namespace {

// Allocations of one kind by address. Under lockDevice.
class Allocations {
public:
    void* add(std::size_t bytes) {
        std::unique_ptr<void, decltype(&std::free)> memory(std::malloc(bytes), &std::free);
        demand(memory != nullptr, CudaOutOfMemory);
        sizes_.emplace(static_cast<char*>(memory.get()), Allocation(bytes));
        return memory.release();
    }

    // The bytes that it had.
    uint64_t remove(void* address) {
        auto const found = sizes_.find(static_cast<char*>(address));
        demand(found != sizes_.end(), CudaInvalidValue);
        uint64_t const bytes = found->second.bytes;
        sizes_.erase(found);
        std::free(address);
        return bytes;
    }

    bool hold(void const* address, uint64_t bytes) const {
        auto const* begin = static_cast<char const*>(address);
        auto found = sizes_.upper_bound(const_cast<char*>(begin));
        if (found == sizes_.begin()) return false;
        --found;
        auto const offset = static_cast<uint64_t>(begin - found->first);
        return offset <= found->second.bytes && bytes <= found->second.bytes - offset;
    }

private:
    struct Allocation : LiveObject {
        explicit Allocation(uint64_t size) : bytes(size) {}
        uint64_t bytes;
    };
    std::map<char*, Allocation> sizes_;
};

struct Memory {
    Allocations device, host;
    uint64_t used = 0;

    uint64_t left() const {
        uint64_t const total = currentProgram()->memoryBytes;
        return used < total ? total - used : 0;
    }
};

Memory& memory() {
    static Memory* const instance = new Memory; // Never destroyed: finalizers of the host process may come later.
    return *instance;
}

enum CopyKind { HostToHost, HostToDevice, DeviceToHost, DeviceToDevice };

} // namespace

ReservedMemory::ReservedMemory(uint64_t bytes) : bytes_(bytes) {
    auto const lock = lockDevice();
    demand(bytes <= memory().left(), CudaOutOfMemory);
    memory().used += bytes;
}

ReservedMemory::~ReservedMemory() {
    auto const lock = lockDevice();
    memory().used -= bytes_;
}

bool isReachable(void const* address, uint64_t bytes) {
    auto const lock = lockDevice();
    return memory().device.hold(address, bytes) || memory().host.hold(address, bytes);
}

} // namespace pipeline::simulation

using namespace pipeline::simulation;

CUDA_EXPORT int cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    return onDevice([&] {
        demand(free != nullptr && total != nullptr, CudaInvalidValue);
        *free = static_cast<std::size_t>(memory().left());
        *total = static_cast<std::size_t>(currentProgram()->memoryBytes);
    });
}

CUDA_EXPORT int cudaMalloc(void** address, std::size_t bytes) {
    return onDevice([&] {
        demand(address != nullptr, CudaInvalidValue);
        demandNoCapture();
        *address = nullptr;
        if (bytes == 0) return;
        demand(bytes <= memory().left(), CudaOutOfMemory);
        *address = memory().device.add(bytes);
        memory().used += bytes;
    });
}

// As on a GPU, it waits for everything first: nothing may still need the memory.
CUDA_EXPORT int cudaFree(void* address) {
    return onDevice([&] {
        demandNoCapture();
        if (address == nullptr) return;
        finishAll();
        memory().used -= memory().device.remove(address);
    });
}

CUDA_EXPORT int cudaMallocHost(void** address, std::size_t bytes) {
    return onDevice([&] {
        demand(address != nullptr, CudaInvalidValue);
        demandNoCapture();
        *address = bytes == 0 ? nullptr : memory().host.add(bytes);
    });
}

CUDA_EXPORT int cudaFreeHost(void* address) {
    return onDevice([&] {
        demandNoCapture();
        if (address == nullptr) return;
        finishAll();
        memory().host.remove(address);
    });
}

CUDA_EXPORT int cudaMemcpyAsync(void* to, void const* from, std::size_t bytes, int kind, Stream* stream) {
    return onDevice([&] {
        demand(kind >= HostToHost && kind <= DeviceToDevice && to != nullptr && from != nullptr, CudaInvalidValue);
        bool const isToDevice = kind == HostToDevice || kind == DeviceToDevice;
        bool const isFromDevice = kind == DeviceToHost || kind == DeviceToDevice;
        demand(!isToDevice || memory().device.hold(to, bytes), CudaInvalidValue);
        demand(!isFromDevice || memory().device.hold(from, bytes), CudaInvalidValue);
        enqueue(stream, [=] { std::memmove(to, from, bytes); });
    });
}

CUDA_EXPORT int cudaMemsetAsync(void* address, int value, std::size_t bytes, Stream* stream) {
    return onDevice([&] {
        demand(memory().device.hold(address, bytes), CudaInvalidValue);
        enqueue(stream, [=] { std::memset(address, value, bytes); });
    });
}
