#include "onnx/model.h"

#include "onnx/wire.h"

#include <fstream>
#include <set>
#include <unordered_set>

namespace pipeline::simulation {
namespace {

constexpr std::size_t kOperatorMaximum = 128;
constexpr std::size_t kOperatorsMaximum = 4096;

int32_t typeOf(uint64_t onnx, std::string const& name) {
    switch (onnx) {
    case 1: return ENGINE_FLOAT;
    case 2: return ENGINE_UINT8;
    case 3: return ENGINE_INT8;
    case 6: return ENGINE_INT32;
    case 7: return ENGINE_INT64;
    case 9: return ENGINE_BOOL;
    case 10: return ENGINE_HALF;
    case 16: return ENGINE_BFLOAT16;
    default: throw WireError("tensor '" + name + "' has element type " + std::to_string(onnx) + ", which is not taken");
    }
}

// Names go out as C strings.
std::string nameOf(std::string_view bytes, char const* what) {
    if (bytes.empty() || bytes.size() > kNameMaximum || bytes.find('\0') != std::string_view::npos)
        throw WireError(std::string("the name of ") + what + " is empty or none");
    return std::string(bytes);
}

Dimension readDimension(std::string_view bytes) {
    Dimension dimension;
    WireReader reader(bytes);
    for (Field field; reader.next(field);) {
        if (field.number == 1) dimension.size = static_cast<int64_t>(field.integer());
        if (field.number == 2 && !field.message().empty()) dimension.parameter = nameOf(field.bytes, "a dimension");
    }
    if (dimension.size > kDimensionMaximum) throw WireError("a dimension is larger than any tensor");
    if (dimension.size < 0) dimension.size = -1; // Some exporters write free dimensions so.
    return dimension;
}

struct ReadTensor {
    Tensor tensor;
    bool hasShape = false;
};

void readTensorType(std::string_view bytes, ReadTensor& read) {
    uint64_t type = 0;
    WireReader reader(bytes);
    for (Field field; reader.next(field);) {
        if (field.number == 1) type = field.integer();
        if (field.number != 2) continue;
        read.hasShape = true;
        WireReader shape(field.message());
        for (Field dimension; shape.next(dimension);) {
            if (dimension.number != 1) continue;
            if (read.tensor.dimensions.size() == ENGINE_DIMENSIONS_MAXIMUM)
                throw WireError("tensor '" + read.tensor.name + "' has more than 8 dimensions");
            read.tensor.dimensions.push_back(readDimension(dimension.message()));
        }
    }
    read.tensor.type = typeOf(type, read.tensor.name);
}

ReadTensor readValue(std::string_view bytes, bool isInput) {
    ReadTensor read;
    std::string_view name, type, tensorType;
    WireReader reader(bytes);
    for (Field field; reader.next(field);) {
        if (field.number == 1) name = field.message();
        if (field.number == 2) type = field.message();
    }
    read.tensor.name = nameOf(name, isInput ? "an input" : "an output");
    read.tensor.isInput = isInput;
    bool isTensor = false;
    WireReader kinds(type);
    for (Field field; kinds.next(field);) {
        if (field.number != 1) continue;
        tensorType = field.message();
        isTensor = true;
    }
    if (!isTensor) throw WireError("'" + read.tensor.name + "' is no tensor");
    readTensorType(tensorType, read);
    return read;
}

std::string operatorOf(std::string_view domain, std::string_view type) {
    std::string name = domain.empty() || domain == "ai.onnx" ? std::string(type) : std::string(domain) + ":" + std::string(type);
    bool isGood = !type.empty() && name.size() <= kOperatorMaximum;
    for (char const c : name) isGood = isGood && c > ' ' && c < 0x7f && c != '"' && c != '\\';
    if (!isGood) throw WireError("a node has no valid operator");
    return name;
}

void readNode(std::string_view bytes, OnnxModel& model) {
    std::string_view name, type, domain;
    WireReader reader(bytes);
    for (Field field; reader.next(field);) {
        if (field.number == 3) name = field.message();
        if (field.number == 4) type = field.message();
        if (field.number == 7) domain = field.message();
    }
    std::string const kind = operatorOf(domain, type);
    if (domain == "test.unsupported") {
        throw Failure(
            ENGINE_UNSUPPORTED_OPERATOR,
            "Node " + std::to_string(model.nodes) + " '" + std::string(name.substr(0, kNameMaximum)) + "' (" + kind
                + "): the operator is not supported.");
    }
    model.operators[kind]++;
    model.nodes++;
    if (model.operators.size() > kOperatorsMaximum) throw WireError("it has more than 4096 operators");
}

std::string initializerOf(std::string_view bytes) {
    WireReader reader(bytes);
    std::string_view name;
    for (Field field; reader.next(field);) {
        if (field.number == 8) name = field.message();
    }
    return std::string(name.substr(0, kNameMaximum));
}

// An output without a shape has the rank of the first input, all free: nothing is inferred here.
void addTensors(std::vector<ReadTensor> const& values, std::unordered_set<std::string> const& initializers, OnnxModel& model) {
    std::set<std::string> names;
    for (ReadTensor const& value : values) {
        if (value.tensor.isInput && initializers.count(value.tensor.name) > 0) continue;
        if (!names.insert(value.tensor.name).second) throw WireError("two tensors are called '" + value.tensor.name + "'");
        if (names.size() > kTensorsMaximum) throw WireError("it has more than 4096 inputs and outputs");
        model.tensors.push_back(value.tensor);
        if (value.hasShape) continue;
        if (value.tensor.isInput) throw WireError("input '" + value.tensor.name + "' has no shape");
        if (model.tensors.front().isInput) model.tensors.back().dimensions.resize(model.tensors.front().dimensions.size());
    }
}

OnnxModel readGraph(std::string_view bytes) {
    OnnxModel model;
    std::vector<ReadTensor> inputs, outputs;
    std::unordered_set<std::string> initializers;
    WireReader reader(bytes);
    for (Field field; reader.next(field);) {
        if (field.number == 1) readNode(field.message(), model);
        if (field.number == 5) initializers.insert(initializerOf(field.message()));
        if (field.number == 11) inputs.push_back(readValue(field.message(), true));
        if (field.number == 12) outputs.push_back(readValue(field.message(), false));
    }
    if (outputs.empty() || model.nodes == 0) throw WireError("its graph has no nodes or no outputs");
    inputs.insert(inputs.end(), outputs.begin(), outputs.end());
    addTensors(inputs, initializers, model);
    return model;
}

} // namespace

std::string readModelFile(char const* path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    std::streamoff const size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
    if (size < 0) throw Failure(ENGINE_PARSE_FAILED, std::string("The model '") + path + "' cannot be opened.");
    if (static_cast<uint64_t>(size) > kModelMaximum)
        throw Failure(ENGINE_PARSE_FAILED, std::string("The model '") + path + "' is larger than 2 GiB.");
    std::string bytes(static_cast<std::size_t>(size), '\0');
    file.seekg(0);
    if (!file.read(bytes.data(), size)) throw Failure(ENGINE_PARSE_FAILED, std::string("The model '") + path + "' cannot be read.");
    return bytes;
}

OnnxModel parseModel(std::string_view bytes) {
    try {
        std::string_view graph;
        bool hasVersion = false;
        WireReader reader(bytes);
        for (Field field; reader.next(field);) {
            if (field.number == 1) hasVersion = field.integer() > 0;
            if (field.number == 7) graph = field.message();
        }
        if (!hasVersion || graph.empty()) throw WireError("it has no version or no graph");
        return readGraph(graph);
    } catch (WireError const& error) {
        throw Failure(ENGINE_PARSE_FAILED, std::string("The file is no ONNX model that is taken: ") + error.what() + ".");
    }
}

} // namespace pipeline::simulation
