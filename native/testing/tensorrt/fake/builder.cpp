#include "config.h"

#include <algorithm>

namespace fake {
namespace {

class Network final : public nvinfer1::INetworkDefinition, public nvinfer1::apiv::VNetworkDefinitionDefaults, public Counted {
public:
    explicit Network(Counted const& builder) : Counted("INetworkDefinition", &builder) { mImpl = this; }
    int32_t getNbInputs() const noexcept override { return 1; }
};

class Builder final : public nvinfer1::IBuilder, public nvinfer1::apiv::VBuilderDefaults, public Counted {
public:
    explicit Builder(nvinfer1::ILogger* logger) : Counted("IBuilder"), logger_(logger) { mImpl = this; }

    // The logger must still be there.
    ~Builder() noexcept override { logger_->log(nvinfer1::ILogger::Severity::kVERBOSE, "The builder is gone."); }

    nvinfer1::INetworkDefinition* createNetworkV2(nvinfer1::NetworkDefinitionCreationFlags flags) noexcept override {
        fakeState().record.networkFlags = flags;
        return isBroken("createNetworkV2", logger_) ? nullptr : new Network(*this);
    }

    nvinfer1::IBuilderConfig* createBuilderConfig() noexcept override {
        return isBroken("createBuilderConfig", logger_) ? nullptr : new Config(logger_, *this);
    }

    nvinfer1::IOptimizationProfile* createOptimizationProfile() noexcept override {
        if (isBroken("createOptimizationProfile", logger_)) return nullptr;
        profiles_.push_back(std::make_unique<Profile>(*this));
        return profiles_.back().get();
    }

    nvinfer1::IHostMemory* buildSerializedNetwork(
        nvinfer1::INetworkDefinition&, nvinfer1::IBuilderConfig& config) noexcept override {
        Config const& asked = static_cast<Config&>(config);
        Script const& script = fakeState().script;
        enter(1);
        bool const isDone = !script.during || script.during(*logger_, asked.monitor());
        enter(-1);
        if (!isDone || isBroken("buildSerializedNetwork", logger_) || !chooseTactics(asked.cache())) return nullptr;
        return new HostMemory(plan());
    }

private:
    static void enter(int change) {
        std::lock_guard<std::recursive_mutex> lock(fakeState().mutex);
        Record& record = fakeState().record;
        record.builds += change;
        record.mostBuilds = std::max(record.mostBuilds, record.builds);
    }

    bool chooseTactics(TimingCache& cache) const {
        Script const& script = fakeState().script;
        for (auto const& [key, tactic] : script.tactics) {
            bool const isHit = cache.tactics.count(key) != 0;
            if (!isHit && script.stopsAtCacheMiss && Config::has(nvinfer1::BuilderFlag::kERROR_ON_TIMING_CACHE_MISS)) {
                logger_->log(nvinfer1::ILogger::Severity::kERROR, "The timing cache does not contain a tactic of this layer.");
                return false;
            }
            if (!isHit || !script.heedsCache) cache.tactics[key] = tactic;
        }
        return true;
    }

    // TensorRT's header, then whether the plan brings host code.
    static std::string plan() {
        Script const& script = fakeState().script;
        std::string bytes = "ftrt" + std::string(20, '\0');
        for (int32_t part : {script.major, script.minor, script.patch, script.build}) bytes += static_cast<char>(part);
        return bytes + (Config::has(nvinfer1::BuilderFlag::kVERSION_COMPATIBLE) ? "host code" : "device code");
    }

    nvinfer1::ILogger* logger_;
    std::vector<std::unique_ptr<Profile>> profiles_;
};

} // namespace
} // namespace fake

extern "C" void* createInferBuilder_INTERNAL(void* logger, int32_t version) noexcept {
    auto* const log = static_cast<nvinfer1::ILogger*>(logger);
    if (fake::isBroken("createInferBuilder", log) || version != NV_TENSORRT_VERSION) return nullptr;
    return static_cast<nvinfer1::IBuilder*>(new fake::Builder(log));
}
