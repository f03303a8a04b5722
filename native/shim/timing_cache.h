// The timings of tactics that a build starts from and leaves behind; in a replay they decide every tactic.
#pragma once

#include "library.h"

#include <vector>

namespace pipeline {

class TimingCache {
public:
    // Gives the cache to the config, which must not be older than it: throws InvalidArgument for bytes that are none of this version.
    TimingCache(Library const& library, engine_build_options const& options, nvinfer1::IBuilderConfig& config);

    // After a replay: throws TimingCacheMiss when a tactic is another one than was recorded. Not every version stops at a miss.
    void checkReplay() const;

    Owned<nvinfer1::IHostMemory> serialize() const;

private:
    void rememberTactics();

    bool isReplay_;
    nvinfer1::IBuilderConfig& config_;
    Owned<nvinfer1::ITimingCache> cache_;
#if TENSORRT_AT_LEAST(10, 8)
    std::vector<nvinfer1::TimingCacheKey> keys_;
    std::vector<uint64_t> tactics_;
#endif
};

} // namespace pipeline
