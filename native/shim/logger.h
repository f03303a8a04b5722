// TensorRT's messages: handed on, and the errors of one call kept, since its functions say no more than "false".
#pragma once

#include "engine_abi.h"

#include <NvInferRuntime.h>

#include <mutex>
#include <string>

namespace pipeline {

class Logger final : public nvinfer1::ILogger {
public:
    Logger(engine_log log, void* state) noexcept : log_(log), state_(state) {}

    void log(Severity severity, char const* text) noexcept override;

    // The callback is the caller's only while its call lasts; the logger lives as long as what was made with it.
    void silence() noexcept;

    // The errors so far, the first ones when there are many.
    std::string errors() const;

    // What the errors say about the cause, or otherwise.
    engine_status statusOr(engine_status otherwise) const;

private:
    mutable std::mutex mutex_;
    engine_log log_;
    void* state_;
    std::string errors_;
};

} // namespace pipeline
