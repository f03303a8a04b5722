// Numbers and texts as bytes, little-endian, and back within bounds.
#pragma once

#include "failure.h"
#include "tensors.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace pipeline::simulation {

class ByteWriter {
public:
    void number(uint64_t value) {
        for (int i = 0; i < 8; i++) bytes_ += static_cast<char>(value >> (8 * i));
    }
    void raw(void const* data, std::size_t count) { bytes_.append(static_cast<char const*>(data), count); }
    void text(std::string const& value) {
        number(value.size());
        bytes_ += value;
    }
    void shape(engine_shape const& value) {
        number(static_cast<uint64_t>(value.count));
        for (int32_t i = 0; i < value.count; i++) number(static_cast<uint64_t>(value.values[i]));
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// Throws PlanCorrupt beyond the end or a bound.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    std::string_view raw(std::size_t count) {
        if (count > rest_.size()) corrupt();
        std::string_view const taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    int64_t number(int64_t minimum, int64_t maximum) {
        std::string_view const bytes = raw(8);
        uint64_t value = 0;
        for (std::size_t i = 0; i < 8; i++) value |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        auto const result = static_cast<int64_t>(value);
        if (result < minimum || result > maximum) corrupt();
        return result;
    }
    int32_t small(int32_t minimum, int32_t maximum) { return static_cast<int32_t>(number(minimum, maximum)); }
    std::size_t count(std::size_t maximum) { return static_cast<std::size_t>(number(0, static_cast<int64_t>(maximum))); }
    std::string text() {
        std::string const value(raw(count(kNameMaximum)));
        if (value.find('\0') != std::string::npos) corrupt();
        return value;
    }
    engine_shape shape() {
        engine_shape value{};
        value.count = small(0, ENGINE_DIMENSIONS_MAXIMUM);
        for (int32_t i = 0; i < value.count; i++) value.values[i] = number(-1, kDimensionMaximum);
        return value;
    }
    bool isAtEnd() const { return rest_.empty(); }

    [[noreturn]] static void corrupt() { throw Failure(ENGINE_PLAN_CORRUPT, "The plan's content does not hold together."); }

private:
    std::string_view rest_;
};

} // namespace pipeline::simulation
