#include "context.h"

namespace fake {
namespace {

class Inspector final : public nvinfer1::IEngineInspector, public nvinfer1::apiv::VEngineInspectorDefaults, public Counted {
public:
    explicit Inspector(Counted const& engine) : Counted("IEngineInspector", &engine) { mImpl = this; }

    char const* getEngineInformation(nvinfer1::LayerInformationFormat format) const noexcept override {
        if (isBroken("getEngineInformation", nullptr)) return nullptr;
        return format == nvinfer1::LayerInformationFormat::kJSON ? R"({"Layers": ["one"]})" : "one";
    }
};

class Engine final : public nvinfer1::ICudaEngine, public nvinfer1::apiv::VCudaEngineDefaults, public Counted {
public:
    Engine(nvinfer1::ILogger* logger, Counted const& runtime) : Counted("ICudaEngine", &runtime), logger_(logger) { mImpl = this; }

    int32_t getNbIOTensors() const noexcept override { return static_cast<int32_t>(script().tensors.size()); }
    char const* getIOTensorName(int32_t index) const noexcept override { return script().tensors[static_cast<std::size_t>(index)].name.c_str(); }
    nvinfer1::DataType getTensorDataType(char const* name) const noexcept override { return tensorOf(name).type; }
    nvinfer1::TensorLocation getTensorLocation(char const* name) const noexcept override { return tensorOf(name).location; }
    nvinfer1::Dims getTensorShape(char const* name) const noexcept override { return tensorOf(name).shape; }
    int32_t getNbOptimizationProfiles() const noexcept override { return static_cast<int32_t>(script().profiles.size()); }
    int64_t getStreamableWeightsSize() const noexcept override { return script().streamableBytes; }

    nvinfer1::TensorIOMode getTensorIOMode(char const* name) const noexcept override {
        return tensorOf(name).isInput ? nvinfer1::TensorIOMode::kINPUT : nvinfer1::TensorIOMode::kOUTPUT;
    }

    nvinfer1::Dims getProfileShape(char const* name, int32_t profile, nvinfer1::OptProfileSelector select) const noexcept override {
        if (isBroken("getProfileShape", logger_)) return nvinfer1::Dims{-1, {}};
        return script().profiles[static_cast<std::size_t>(profile)].at(name)[static_cast<std::size_t>(select)];
    }

    nvinfer1::IExecutionContext* createExecutionContext(nvinfer1::ExecutionContextAllocationStrategy strategy) noexcept override {
        call("createExecutionContext " + std::to_string(static_cast<int32_t>(strategy)));
        return isBroken("createExecutionContext", logger_) ? nullptr : new Context(logger_, *this);
    }

    nvinfer1::IEngineInspector* createEngineInspector() const noexcept override {
        return isBroken("createEngineInspector", logger_) ? nullptr : new Inspector(*this);
    }

    // 10.1
    int64_t getWeightStreamingAutomaticBudget() const noexcept { return script().budget; }
    int64_t getWeightStreamingBudgetV2() const noexcept { return fakeState().record.budget; }
    bool setWeightStreamingBudgetV2(int64_t bytes) noexcept {
        if (isBroken("setWeightStreamingBudgetV2", logger_)) return false;
        fakeState().record.budget = bytes;
        return true;
    }

    // One of the two is there in each version.
    int64_t getDeviceMemorySizeForProfileV2(int32_t profile) const noexcept { return bytesOf(profile); }
    std::size_t getDeviceMemorySizeForProfile(int32_t profile) const noexcept { return static_cast<std::size_t>(bytesOf(profile)); }

private:
    static Script const& script() { return fakeState().script; }
    static int64_t bytesOf(int32_t profile) { return script().profileBytes[static_cast<std::size_t>(profile)]; }

    nvinfer1::ILogger* logger_;
};

class Runtime final : public nvinfer1::IRuntime, public nvinfer1::apiv::VRuntimeDefaults, public Counted {
public:
    explicit Runtime(nvinfer1::ILogger* logger) : Counted("IRuntime"), logger_(logger) { mImpl = this; }

    // The logger must still be there.
    ~Runtime() noexcept override { logger_->log(nvinfer1::ILogger::Severity::kVERBOSE, "The runtime is gone."); }

    void setEngineHostCodeAllowed(bool isAllowed) noexcept override { fakeState().record.isHostCodeAllowed = isAllowed; }

    nvinfer1::ICudaEngine* deserializeCudaEngine(void const* plan, std::size_t size) noexcept override {
        if (isBroken("deserializeCudaEngine", logger_)) return nullptr;
        std::string const bytes(static_cast<char const*>(plan), size);
        if (bytes.find("host code") != std::string::npos && !fakeState().record.isHostCodeAllowed) {
            logger_->log(nvinfer1::ILogger::Severity::kERROR, "The engine has host code, which is not allowed.");
            return nullptr;
        }
        logger_->log(nvinfer1::ILogger::Severity::kINFO, "Loaded engine.");
        return new Engine(logger_, *this);
    }

private:
    nvinfer1::ILogger* logger_;
};

} // namespace

Tensor const& tensorOf(char const* name) {
    for (Tensor const& tensor : fakeState().script.tensors) {
        if (tensor.name == name) return tensor;
    }
    unexpected(name);
}

} // namespace fake

extern "C" void* createInferRuntime_INTERNAL(void* logger, int32_t version) noexcept {
    auto* const log = static_cast<nvinfer1::ILogger*>(logger);
    if (fake::isBroken("createInferRuntime", log) || version != NV_TENSORRT_VERSION) return nullptr;
    return static_cast<nvinfer1::IRuntime*>(new fake::Runtime(log));
}
