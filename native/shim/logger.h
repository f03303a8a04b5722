// TensorRT's messages: handed on, and the errors of one call kept, since its functions say no more than "false".
#pragma once

#include "engine_abi.h"

#include <NvInferRuntime.h>

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

namespace pipeline {

class Logger final : public nvinfer1::ILogger {
public:
    Logger(engine_log log, void* state) noexcept : log_(log), state_(state) {}

    void log(Severity severity, char const* text) noexcept override;

    // The callback is the caller's only while its call lasts; the logger lives as long as what was made with it.
    void silence() noexcept;

    // How many errors there were: where a later call's own begin.
    uint64_t count() const;

    // The errors from there on, the first ones when there are many.
    std::string errors(uint64_t since = 0) const;

private:
    mutable std::mutex mutex_;
    engine_log log_;
    void* state_;
    std::deque<std::string> errors_; // the last ones
    uint64_t forgotten_ = 0;
};

} // namespace pipeline
