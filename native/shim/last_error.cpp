#include "failure.h"

#include <cstring>

namespace pipeline {
namespace {
// Fixed memory: saying that there is no memory left must not take any.
constexpr std::size_t kLength = 2048;
thread_local char lastError[kLength];
} // namespace

std::size_t lengthWithin(char const* text, std::size_t maximum) noexcept {
    std::size_t length = std::strlen(text);
    if (length <= maximum) return length;
    length = maximum;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) length--;
    return length;
}

void setLastError(char const* message) noexcept {
    std::size_t const length = lengthWithin(message, kLength - 1);
    std::memcpy(lastError, message, length);
    lastError[length] = '\0';
}

} // namespace pipeline

extern "C" char const* engine_last_error(void) {
    return pipeline::lastError;
}

extern "C" int32_t engine_abi_version(void) {
    return ENGINE_ABI_VERSION;
}
