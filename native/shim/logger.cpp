#include "logger.h"

#include "failure.h"

namespace pipeline {
namespace {

constexpr std::size_t kErrorsMaximum = 50;
constexpr std::size_t kLengthMaximum = 1500;

} // namespace

void Logger::log(Severity severity, char const* text) noexcept {
    // Verbose messages are thousands a second; nobody reads them in production.
    if (severity == Severity::kVERBOSE) return;
    try {
        std::lock_guard<std::mutex> lock(mutex_);
        bool const isError = severity == Severity::kERROR || severity == Severity::kINTERNAL_ERROR;
        if (isError) {
            errors_.emplace_back(text, lengthWithin(text, kLengthMaximum));
            if (errors_.size() > kErrorsMaximum) {
                errors_.pop_front();
                ++forgotten_;
            }
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

uint64_t Logger::count() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return forgotten_ + errors_.size();
}

std::string Logger::errors(uint64_t since) const {
    std::lock_guard<std::mutex> lock(mutex_);
    std::string text;
    for (std::size_t i = since > forgotten_ ? since - forgotten_ : 0; i < errors_.size() && text.size() < kLengthMaximum; i++)
        text += (text.empty() ? "" : " ") + errors_[i];
    if (text.empty()) return "TensorRT gave no reason.";
    text.resize(lengthWithin(text.c_str(), kLengthMaximum));
    return text;
}

} // namespace pipeline
