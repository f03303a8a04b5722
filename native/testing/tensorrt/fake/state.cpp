#include "state.h"

#include "defaults.h"

#include <cstdio>
#include <cstdlib>

void unexpected(char const* method) noexcept {
    std::fprintf(stderr, "The fake TensorRT does not expect a call of %s.\n", method);
    std::abort();
}

namespace fake {

State& fakeState() {
    static State state;
    return state;
}

void call(std::string const& text) {
    std::lock_guard<std::recursive_mutex> lock(fakeState().mutex);
    fakeState().record.calls.push_back(text);
}

bool isBroken(char const* method, nvinfer1::ILogger* logger) {
    std::string error;
    {
        std::lock_guard<std::recursive_mutex> lock(fakeState().mutex);
        if (fakeState().script.broken.count(method) == 0) return false;
        error = fakeState().script.error;
    }
    if (logger != nullptr && !error.empty()) logger->log(nvinfer1::ILogger::Severity::kERROR, error.c_str());
    return true;
}

Counted::Counted(char const* kind, Counted const* maker) : kind_(kind) {
    if (maker != nullptr) siblings_ = maker->made_;
    if (siblings_ != nullptr) ++*siblings_;
    std::lock_guard<std::recursive_mutex> lock(fakeState().mutex);
    ++fakeState().record.live[kind_];
}

Counted::~Counted() {
    if (siblings_ != nullptr) --*siblings_;
    std::lock_guard<std::recursive_mutex> lock(fakeState().mutex);
    --fakeState().record.live[kind_];
    if (*made_ != 0) fakeState().record.violations.push_back(std::string(kind_) + " died before what it made");
}

} // namespace fake

extern "C" int32_t getInferLibMajorVersion() noexcept {
    return fake::fakeState().script.major;
}

extern "C" int32_t getInferLibMinorVersion() noexcept {
    return fake::fakeState().script.minor;
}

extern "C" int32_t getInferLibPatchVersion() noexcept {
    return fake::fakeState().script.patch;
}

extern "C" int32_t getInferLibBuildVersion() noexcept {
    return fake::fakeState().script.build;
}
