// How many objects of the double are alive: a test that makes and releases them must end where it began.
#pragma once

#include <atomic>
#include <cstdint>

namespace pipeline::simulation {

class LiveObject {
public:
    static int64_t count() noexcept { return alive_; }

protected:
    LiveObject() noexcept { alive_++; }
    LiveObject(LiveObject const&) noexcept { alive_++; }
    LiveObject& operator=(LiveObject const&) noexcept = default;
    ~LiveObject() { alive_--; }

private:
    static inline std::atomic<int64_t> alive_{0};
};

} // namespace pipeline::simulation
