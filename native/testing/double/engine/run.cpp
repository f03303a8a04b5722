#include "engine/run.h"

#include <cstring>

namespace pipeline::simulation {
namespace {

constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;

uint64_t mix(uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

uint64_t mixBytes(uint64_t seed, unsigned char const* bytes, uint64_t count) {
    while (count > 0) {
        uint64_t word = 0;
        std::size_t const taken = count < sizeof(word) ? static_cast<std::size_t>(count) : sizeof(word);
        std::memcpy(&word, bytes, taken);
        seed = (seed ^ word) * kOdd;
        seed ^= seed >> 29;
        bytes += taken;
        count -= taken;
    }
    return mix(seed);
}

// The upper half of a float is a bfloat16.
uint16_t bfloat16Of(float value) {
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    return static_cast<uint16_t>(bits >> 16);
}

// Of a value in [0, 1), which it cuts to multiples of 1/1024.
uint16_t halfOf(float value) {
    auto steps = static_cast<uint32_t>(value * 1024);
    if (steps == 0) return 0;
    uint32_t exponent = 15;
    for (; steps < 1024; steps *= 2) exponent--;
    return static_cast<uint16_t>(exponent << 10 | (steps & 1023));
}

template <typename Element, typename Make>
void fillWith(BoundTensor const& output, uint64_t seed, Make make) {
    auto* const bytes = static_cast<unsigned char*>(output.address);
    for (uint64_t i = 0; i < output.bytes / sizeof(Element); i++) {
        auto const value = static_cast<Element>(make(mix(seed + (i + 1) * kOdd)));
        std::memcpy(bytes + i * sizeof(Element), &value, sizeof(Element));
    }
}

} // namespace

uint64_t dataOf(std::vector<BoundTensor> const& inputs) {
    uint64_t data = kOdd;
    for (BoundTensor const& input : inputs) {
        for (int32_t i = 0; i < input.shape.count; i++) data = mix(data ^ static_cast<uint64_t>(input.shape.values[i])) * kOdd;
        data = mixBytes(data, static_cast<unsigned char const*>(input.address), input.bytes);
    }
    return data;
}

void fill(BoundTensor const& output, std::size_t number, uint64_t data) {
    uint64_t const seed = mix(data + number * kOdd);
    auto const unit = [](uint64_t bits) { return static_cast<float>(bits >> 40) / static_cast<float>(1 << 24); };
    auto const integer = [](uint64_t bits) { return bits % 100; };
    switch (output.type) {
    case ENGINE_FLOAT: fillWith<float>(output, seed, unit); break;
    case ENGINE_HALF: fillWith<uint16_t>(output, seed, [&](uint64_t bits) { return halfOf(unit(bits)); }); break;
    case ENGINE_BFLOAT16: fillWith<uint16_t>(output, seed, [&](uint64_t bits) { return bfloat16Of(unit(bits)); }); break;
    case ENGINE_INT8:
    case ENGINE_UINT8: fillWith<uint8_t>(output, seed, integer); break;
    case ENGINE_INT32: fillWith<int32_t>(output, seed, integer); break;
    case ENGINE_INT64: fillWith<int64_t>(output, seed, integer); break;
    default: fillWith<uint8_t>(output, seed, [](uint64_t bits) { return bits & 1; }); break;
    }
}

} // namespace pipeline::simulation
