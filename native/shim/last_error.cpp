#include "failure.h"

#include <cstring>

namespace pipeline {
namespace {
// Fixed memory: saying that there is no memory left must not take any.
constexpr std::size_t kLength = 2048;
thread_local char lastError[kLength];
} // namespace

void setLastError(char const* message) noexcept {
    std::strncpy(lastError, message, kLength - 1);
    lastError[kLength - 1] = '\0';
}

} // namespace pipeline

extern "C" char const* engine_last_error(void) {
    return pipeline::lastError;
}

extern "C" int32_t engine_abi_version(void) {
    return ENGINE_ABI_VERSION;
}
