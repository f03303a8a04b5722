#include "onnx_writer.h"

namespace pipeline::tests {
namespace {

void varint(std::string& to, uint64_t value) {
    for (; value >= 0x80; value >>= 7) to += static_cast<char>(value | 0x80);
    to += static_cast<char>(value);
}

std::string shapeOf(std::vector<Size> const& sizes) {
    std::string shape;
    for (Size const& size : sizes) {
        std::string dimension;
        if (auto const* fixed = std::get_if<int>(&size)) OnnxWriter::number(dimension, 1, static_cast<uint64_t>(int64_t{*fixed}));
        else if (!std::get<std::string>(size).empty()) OnnxWriter::text(dimension, 2, std::get<std::string>(size));
        OnnxWriter::text(shape, 1, dimension);
    }
    return shape;
}

std::string valueOf(std::string const& name, int type, std::string const* shape) {
    std::string tensor, kind, value;
    OnnxWriter::number(tensor, 1, static_cast<uint64_t>(type));
    if (shape != nullptr) OnnxWriter::text(tensor, 2, *shape);
    OnnxWriter::text(kind, 1, tensor);
    OnnxWriter::text(value, 1, name);
    OnnxWriter::text(value, 2, kind);
    return value;
}

} // namespace

void OnnxWriter::number(std::string& to, int field, uint64_t value) {
    varint(to, static_cast<uint64_t>(field) << 3);
    varint(to, value);
}

void OnnxWriter::text(std::string& to, int field, std::string const& value) {
    varint(to, static_cast<uint64_t>(field) << 3 | 2);
    varint(to, value.size());
    to += value;
}

OnnxWriter& OnnxWriter::node(std::string const& type, std::string const& domain) {
    std::string node;
    text(node, 3, "node of " + type);
    text(node, 4, type);
    if (!domain.empty()) text(node, 7, domain);
    text(graph_, 1, node);
    return *this;
}

OnnxWriter& OnnxWriter::initializer(std::string const& name) {
    std::string tensor;
    number(tensor, 2, 1);
    text(tensor, 8, name);
    text(graph_, 5, tensor);
    return *this;
}

OnnxWriter& OnnxWriter::input(std::string const& name, int type, std::vector<Size> const& shape) {
    std::string const sizes = shapeOf(shape);
    text(graph_, 11, valueOf(name, type, &sizes));
    return *this;
}

OnnxWriter& OnnxWriter::output(std::string const& name, int type, std::vector<Size> const& shape) {
    std::string const sizes = shapeOf(shape);
    text(graph_, 12, valueOf(name, type, &sizes));
    return *this;
}

OnnxWriter& OnnxWriter::outputWithoutShape(std::string const& name, int type) {
    text(graph_, 12, valueOf(name, type, nullptr));
    return *this;
}

std::string OnnxWriter::bytes() const {
    std::string model, opset;
    number(model, 1, 8);
    text(model, 7, graph_);
    number(opset, 2, 17);
    text(model, 8, opset);
    return model;
}

std::string smallModel() {
    return OnnxWriter()
        .node("Conv")
        .node("Relu")
        .node("Relu")
        .initializer("w")
        .input("x", 1, {"rows", 4})
        .input("w", 1, {4, 2})
        .input("ids", 7, {"rows"})
        .output("y", 1, {"rows", 2})
        .bytes();
}

} // namespace pipeline::tests
