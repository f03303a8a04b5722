#include "logger.h"

#include <initializer_list>

namespace pipeline {
namespace {

constexpr std::size_t kErrorsMaximum = 1500;

// TensorRT has no codes for these; the texts are those of 10.x and 11.x.
struct Cause {
    engine_status status;
    std::initializer_list<char const*> texts;
};

Cause const kCauses[] = {
    {ENGINE_PLAN_OTHER_DEVICE, {"incompatible device", "expecting compute"}},
    {ENGINE_PLAN_OTHER_VERSION, {"ersion tag does not match", "incompatible version", "serialization version"}},
    {ENGINE_TIMING_CACHE_MISS, {"timing cache miss", "iming cache does not contain"}},
    {ENGINE_OUT_OF_MEMORY, {"out of memory", "OutOfMemory", "insufficient memory", "allocation failed"}},
    {ENGINE_PLAN_CORRUPT, {"magic tag", "corrupt", "checksum", "stdArchiveReader", "Deserialization failed"}},
};

} // namespace

void Logger::log(Severity severity, char const* text) noexcept {
    // Verbose messages are thousands a second; nobody reads them in production.
    if (severity == Severity::kVERBOSE) return;
    try {
        std::lock_guard<std::mutex> lock(mutex_);
        bool const isError = severity == Severity::kERROR || severity == Severity::kINTERNAL_ERROR;
        if (isError && errors_.size() < kErrorsMaximum) {
            if (!errors_.empty()) errors_ += " ";
            errors_.append(text, 0, kErrorsMaximum);
        }
        if (log_ == nullptr) return;
        log_(state_, isError ? ENGINE_LOG_ERROR : severity == Severity::kWARNING ? ENGINE_LOG_WARNING : ENGINE_LOG_INFORMATION, text);
    } catch (...) {
        // A message is lost rather than the build.
    }
}

void Logger::silence() noexcept {
    std::lock_guard<std::mutex> lock(mutex_);
    log_ = nullptr;
}

std::string Logger::errors() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return errors_.empty() ? std::string("TensorRT gave no reason.") : errors_;
}

engine_status Logger::statusOr(engine_status otherwise) const {
    std::lock_guard<std::mutex> lock(mutex_);
    for (Cause const& cause : kCauses) {
        for (char const* text : cause.texts) {
            if (errors_.find(text) != std::string::npos) return cause.status;
        }
    }
    return otherwise;
}

} // namespace pipeline
