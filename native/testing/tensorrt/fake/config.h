// What is asked of a build, as this version numbers it.
#pragma once

#include "timing_cache.h"

namespace fake {

class Profile final : public nvinfer1::IOptimizationProfile, public nvinfer1::apiv::VOptimizationProfileDefaults, public Counted {
public:
    explicit Profile(Counted const& builder) : Counted("IOptimizationProfile", &builder) { mImpl = this; }

    bool setDimensions(char const* input, nvinfer1::OptProfileSelector select, nvinfer1::Dims const& shape) noexcept override {
        static char const* const kSelectors[] = {" minimum", " typical", " maximum"};
        if (isBroken("setDimensions", nullptr)) return false;
        shapes[input + std::string(kSelectors[static_cast<int>(select)])] = shape;
        return true;
    }

    std::map<std::string, nvinfer1::Dims> shapes;
};

constexpr std::size_t kCompatibleSharedMemory = 48U << 10U;

class Config final : public nvinfer1::IBuilderConfig, public nvinfer1::apiv::VBuilderConfigDefaults, public Counted {
public:
    Config(nvinfer1::ILogger* logger, Counted const& builder) : Counted("IBuilderConfig", &builder), logger_(logger) {
        mImpl = this;
        record().flags = bit(nvinfer1::BuilderFlag::kTF32);
    }

    void setFlag(nvinfer1::BuilderFlag flag) noexcept override { record().flags |= bit(flag); }
    void clearFlag(nvinfer1::BuilderFlag flag) noexcept override { record().flags &= ~bit(flag); }
    void setAvgTimingIterations(int32_t count) noexcept override { record().iterations = count; }
    void setBuilderOptimizationLevel(int32_t level) noexcept override { record().level = level; }
    void setProfilingVerbosity(nvinfer1::ProfilingVerbosity verbosity) noexcept override { record().verbosity = verbosity; }

    void setHardwareCompatibilityLevel(nvinfer1::HardwareCompatibilityLevel level) noexcept override {
        record().hardware = level;
        // As TensorRT does: the level brings a limit of its own.
        record().pools[nvinfer1::MemoryPoolType::kTACTIC_SHARED_MEMORY] = kCompatibleSharedMemory;
    }

    void setMemoryPoolLimit(nvinfer1::MemoryPoolType pool, std::size_t bytes) noexcept override {
        if (!isBroken("setMemoryPoolLimit", logger_)) record().pools[pool] = bytes;
    }

    std::size_t getMemoryPoolLimit(nvinfer1::MemoryPoolType pool) const noexcept override {
        auto const found = record().pools.find(pool);
        return found == record().pools.end() ? 0 : found->second;
    }

    int32_t addOptimizationProfile(nvinfer1::IOptimizationProfile const* profile) noexcept override {
        if (isBroken("addOptimizationProfile", logger_)) return -1;
        record().profiles.push_back(static_cast<Profile const*>(profile)->shapes);
        return static_cast<int32_t>(record().profiles.size()) - 1;
    }

    nvinfer1::ITimingCache* createTimingCache(void const* blob, std::size_t size) const noexcept override {
        std::map<uint64_t, uint64_t> tactics;
        if (isBroken("createTimingCache", logger_) || !TimingCache::read(blob, size, tactics)) return nullptr;
        return new TimingCache(tactics);
    }

    bool setTimingCache(nvinfer1::ITimingCache const& cache, bool ignoresMismatch) noexcept override {
        record().ignoresMismatch = ignoresMismatch;
        if (isBroken("setTimingCache", logger_)) return false;
        // As TensorRT does: the builder writes to what it was given to read.
        cache_ = const_cast<TimingCache*>(static_cast<TimingCache const*>(&cache));
        return true;
    }

    nvinfer1::ITimingCache const* getTimingCache() const noexcept override { return cache_; }
    void setProgressMonitor(nvinfer1::IProgressMonitor* monitor) noexcept override { monitor_ = monitor; }

    TimingCache& cache() const { return *cache_; }
    nvinfer1::IProgressMonitor& monitor() const { return *monitor_; }
    static bool has(nvinfer1::BuilderFlag flag) { return (record().flags & bit(flag)) != 0; }

private:
    static Record& record() { return fakeState().record; }
    static uint32_t bit(nvinfer1::BuilderFlag flag) { return 1U << static_cast<uint32_t>(flag); }

    nvinfer1::ILogger* logger_;
    TimingCache* cache_ = nullptr;
    nvinfer1::IProgressMonitor* monitor_ = nullptr;
};

} // namespace fake
