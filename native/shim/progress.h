// A build's progress, told and cancellable. TensorRT calls from several threads and may end a phase before its last step.
#pragma once

#include "engine_abi.h"

#include <NvInfer.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>

namespace pipeline {

class Progress final : public nvinfer1::IProgressMonitor {
public:
    Progress(engine_progress callback, void* state) noexcept : callback_(callback), state_(state) {}

    void phaseStart(char const* phase, char const* parent, int32_t steps) noexcept override;
    bool stepComplete(char const* phase, int32_t step) noexcept override;
    void phaseFinish(char const* phase) noexcept override;

    bool isCancelled() const noexcept { return isCancelled_; }

private:
    struct Phase {
        std::string parent;
        int32_t steps;
    };

    bool tell(char const* phase, int32_t done) noexcept;

    engine_progress callback_;
    void* state_;
    std::mutex mutex_;
    std::map<std::string, Phase> phases_;
    std::atomic<bool> isCancelled_{false};
};

} // namespace pipeline
