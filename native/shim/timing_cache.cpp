#include "timing_cache.h"

namespace pipeline {

TimingCache::TimingCache(Library const&, engine_build_options const& options, nvinfer1::IBuilderConfig& config)
    : isReplay_((options.flags & ENGINE_BUILD_REPLAY) != 0), config_(config),
      cache_(config.createTimingCache(options.timing_cache, static_cast<std::size_t>(options.timing_cache_bytes))) {
    require(cache_ != nullptr, "The timing cache is none of this TensorRT version.");
    if (isReplay_) rememberTactics();
    // A cache of another device gives wrong timings; in a replay the caller has chosen it.
    if (!config.setTimingCache(*cache_, isReplay_))
        throw Failure(ENGINE_INVALID_ARGUMENT, "The timing cache is of another device or version.");
}

void TimingCache::rememberTactics() {
#if TENSORRT_AT_LEAST(10, 8)
    int64_t const count = cache_->queryKeys(nullptr, 0);
    keys_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (!keys_.empty()) cache_->queryKeys(keys_.data(), count);
    for (nvinfer1::TimingCacheKey const& key : keys_) {
        nvinfer1::TimingCacheValue const value = cache_->query(key);
        // Written back, an entry counts as chosen by hand, which is what is never measured again.
        cache_->update(key, value);
        tactics_.push_back(value.tacticHash);
    }
#endif
}

void TimingCache::checkReplay() const {
#if TENSORRT_AT_LEAST(10, 8)
    nvinfer1::ITimingCache const* after = config_.getTimingCache();
    for (std::size_t i = 0; i < keys_.size(); i++) {
        if (after->query(keys_[i]).tacticHash != tactics_[i])
            throw Failure(ENGINE_TIMING_CACHE_MISS, "The replay chose another tactic than the recording.");
    }
#endif
}

Owned<nvinfer1::IHostMemory> TimingCache::serialize() const {
    Owned<nvinfer1::IHostMemory> memory(config_.getTimingCache()->serialize());
    if (memory == nullptr) throw Failure(ENGINE_BUILD_FAILED, "The timing cache cannot be kept.");
    return memory;
}

} // namespace pipeline
