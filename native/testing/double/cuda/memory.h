// The memory of the simulated GPU: the host's, counted.
#pragma once

#include "cuda/call.h"
#include "live_objects.h"

#include <cstddef>
#include <cstdint>

namespace pipeline::simulation {

// Device memory that is in use without being anybody's: a plan's weights, a context's scratch. Throws CudaError when there is none left.
class ReservedMemory : LiveObject {
public:
    explicit ReservedMemory(uint64_t bytes);
    ~ReservedMemory();
    ReservedMemory(ReservedMemory const&) = delete;
    ReservedMemory& operator=(ReservedMemory const&) = delete;

private:
    uint64_t bytes_;
};

// Whether the device can reach all of these bytes: in one allocation on the device, or pinned on the host.
bool isReachable(void const* address, uint64_t bytes);

} // namespace pipeline::simulation
