// Protobuf's wire format, field by field, never beyond its bytes.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pipeline::simulation {

// The bytes are no protobuf, or not of the message that is read. The text is a half sentence.
class WireError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Field {
    uint32_t number = 0;
    bool isBytes = false;
    uint64_t value = 0;     // unless isBytes
    std::string_view bytes; // when isBytes

    std::string_view message() const {
        if (!isBytes) throw WireError("field " + std::to_string(number) + " is a number where a message belongs");
        return bytes;
    }

    uint64_t integer() const {
        if (isBytes) throw WireError("field " + std::to_string(number) + " is no number");
        return value;
    }
};

class WireReader {
public:
    explicit WireReader(std::string_view bytes) : rest_(bytes) {}

    // False at the end.
    bool next(Field& field) {
        if (rest_.empty()) return false;
        uint64_t const tag = varint();
        field = Field{};
        field.number = static_cast<uint32_t>(tag >> 3);
        if (field.number == 0 || tag >> 3 > 0x1fffffff) throw WireError("a field has no valid number");
        switch (tag & 7) {
        case 0: field.value = varint(); break;
        case 1: take(8); break; // Fixed-size numbers: none is asked for.
        case 2:
            field.isBytes = true;
            field.bytes = take(varint());
            break;
        case 5: take(4); break;
        default: throw WireError("field " + std::to_string(field.number) + " has an unknown wire type");
        }
        return true;
    }

private:
    std::string_view take(uint64_t count) {
        if (count > rest_.size()) throw WireError("it ends in the middle of a field");
        std::string_view const taken = rest_.substr(0, static_cast<std::size_t>(count));
        rest_.remove_prefix(static_cast<std::size_t>(count));
        return taken;
    }

    uint64_t varint() {
        uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            auto const byte = static_cast<unsigned char>(take(1)[0]);
            value |= uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80) return value;
        }
        throw WireError("a number is longer than ten bytes");
    }

    std::string_view rest_;
};

} // namespace pipeline::simulation
