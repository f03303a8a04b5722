// Small ONNX files, field by field.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace pipeline::tests {

using Size = std::variant<int, std::string>; // a fixed size or a name; "" for free without one

class OnnxWriter {
public:
    OnnxWriter& node(std::string const& type, std::string const& domain = "");
    OnnxWriter& initializer(std::string const& name);
    OnnxWriter& input(std::string const& name, int type, std::vector<Size> const& shape);
    OnnxWriter& output(std::string const& name, int type, std::vector<Size> const& shape);
    OnnxWriter& outputWithoutShape(std::string const& name, int type);
    std::string bytes() const;

    static void number(std::string& to, int field, uint64_t value);
    static void text(std::string& to, int field, std::string const& value);

private:
    std::string graph_;
};

// float x[N,4] and int64 ids[N] to float y[N,2] (through nodes Conv, Relu, Relu); x in profiles of up to 8 rows.
std::string smallModel();

} // namespace pipeline::tests
