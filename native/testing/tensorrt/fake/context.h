#pragma once

#include "state.h"

#include "defaults.h"

#include <algorithm>

namespace fake {

Tensor const& tensorOf(char const* name);

class Context final : public nvinfer1::IExecutionContext, public nvinfer1::apiv::VExecutionContextDefaults, public Counted {
public:
    Context(nvinfer1::ILogger* logger, Counted const& engine) : Counted("IExecutionContext", &engine), logger_(logger) { mImpl = this; }

    // What it was given must still be there.
    ~Context() noexcept override {
        for (auto const& [name, allocator] : allocators_) allocator->reallocateOutputAsync(name.c_str(), nullptr, 1, 256, nullptr);
    }

    bool setOptimizationProfileAsync(int32_t profile, cudaStream_t stream) noexcept override {
        call("setOptimizationProfileAsync " + std::to_string(profile) + (stream == nullptr ? "" : " on a stream"));
        return !isBroken("setOptimizationProfileAsync", logger_);
    }

    void setDeviceMemory(void*) noexcept override { call("setDeviceMemory"); }
    void setDeviceMemoryV2(void*, int64_t size) noexcept { call("setDeviceMemory " + std::to_string(size)); } // 10.1

    bool setInputShape(char const* name, nvinfer1::Dims const& shape) noexcept override {
        fakeState().record.shapes[name] = shape;
        return !isBroken("setInputShape", logger_);
    }

    bool setInputTensorAddress(char const* name, void const* address) noexcept override {
        fakeState().record.addresses[name] = address;
        return !isBroken("setInputTensorAddress", logger_);
    }

    bool setTensorAddress(char const* name, void* address) noexcept override {
        fakeState().record.addresses[name] = address;
        return !isBroken("setTensorAddress", logger_);
    }

    bool setOutputAllocator(char const* name, nvinfer1::IOutputAllocator* allocator) noexcept override {
        if (isBroken("setOutputAllocator", logger_)) return false;
        allocators_[name] = allocator;
        return true;
    }

    int32_t inferShapes(int32_t, char const** names) noexcept override {
        if (isBroken("inferShapes", logger_)) return -1;
        for (Tensor const& tensor : fakeState().script.tensors) {
            if (!tensor.isInput || fakeState().record.shapes.count(tensor.name) != 0) continue;
            *names = tensor.name.c_str();
            return 1;
        }
        return 0;
    }

    nvinfer1::Dims getTensorShape(char const* name) const noexcept override {
        if (isBroken("getTensorShape", logger_)) return nvinfer1::Dims{-1, {}};
        auto const found = fakeState().script.inferred.find(name);
        return found == fakeState().script.inferred.end() ? tensorOf(name).shape : found->second;
    }

    bool enqueueV3(cudaStream_t stream) noexcept override {
        call("enqueueV3");
        if (isBroken("enqueueV3", logger_)) return false;
        for (auto const& [name, allocator] : allocators_) {
            void* const now = const_cast<void*>(fakeState().record.addresses[name]);
            uint64_t const bytes = std::max<uint64_t>(fakeState().script.bytes[name], 1);
            if (allocator->reallocateOutputAsync(name.c_str(), now, bytes, 256, stream) == nullptr) {
                logger_->log(nvinfer1::ILogger::Severity::kERROR, ("No memory for output " + name + ".").c_str());
                return false;
            }
            auto const given = fakeState().script.given.find(name);
            if (given != fakeState().script.given.end()) allocator->notifyShape(name.c_str(), given->second);
        }
        return true;
    }

private:
    nvinfer1::ILogger* logger_;
    std::map<std::string, nvinfer1::IOutputAllocator*> allocators_;
};

} // namespace fake
