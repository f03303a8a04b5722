// SHA-256: tells models, options and plans apart, in plans that are the same on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pipeline::simulation {

using Digest = std::array<unsigned char, 32>;

class Hasher {
public:
    void add(void const* bytes, std::size_t count);
    void add(std::string_view text) { add(text.data(), text.size()); }
    Digest finish();

private:
    void block(unsigned char const* bytes);

    std::array<uint32_t, 8> state_{
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<unsigned char, 64> partial_{};
    std::size_t partialBytes_ = 0;
    uint64_t bytes_ = 0;
};

Digest digestOf(std::string_view text);

} // namespace pipeline::simulation
