#include "parse.h"

namespace pipeline {
namespace {

constexpr int32_t kErrorsMaximum = 5;

char const* orNothing(char const* text) {
    return text == nullptr ? "" : text;
}

bool isUnsupported(nvonnxparser::ErrorCode code) {
    switch (code) {
    case nvonnxparser::ErrorCode::kUNSUPPORTED_NODE:
    case nvonnxparser::ErrorCode::kUNSUPPORTED_NODE_ATTR:
    case nvonnxparser::ErrorCode::kUNSUPPORTED_NODE_INPUT:
    case nvonnxparser::ErrorCode::kUNSUPPORTED_NODE_DATATYPE:
    case nvonnxparser::ErrorCode::kUNSUPPORTED_NODE_DYNAMIC:
    case nvonnxparser::ErrorCode::kUNSUPPORTED_NODE_SHAPE: return true;
    default: return false;
    }
}

std::string textOf(nvonnxparser::IParserError const& error) {
    std::string text;
    std::string const name = orNothing(error.nodeName());
    std::string const kind = orNothing(error.nodeOperator());
    if (error.node() >= 0) {
        text = "Node " + std::to_string(error.node());
        if (!name.empty()) text += " '" + name + "'";
        if (!kind.empty()) text += " (" + kind + ")";
        text += ": ";
    }
    return text + orNothing(error.desc());
}

bool isParsed(nvonnxparser::IParser& parser, engine_build_options const& options) {
    if (options.model_path == nullptr) return parser.parse(options.model, options.model_bytes, nullptr);
    return parser.parseFromFile(options.model_path, static_cast<int32_t>(nvinfer1::ILogger::Severity::kWARNING));
}

} // namespace

void parseModel(nvonnxparser::IParser& parser, engine_build_options const& options, Logger const& logger) {
    if (isParsed(parser, options)) return;
    int32_t const count = parser.getNbErrors();
    std::string message = "TensorRT cannot take the model.";
    bool isOperator = false;
    for (int32_t i = 0; i < count && i < kErrorsMaximum; i++) {
        nvonnxparser::IParserError const* error = parser.getError(i);
        if (error == nullptr) continue;
        isOperator = isOperator || isUnsupported(error->code());
        message += " " + textOf(*error);
    }
    if (count == 0) message += " " + logger.errors();
    if (count > kErrorsMaximum) message += " (and " + std::to_string(count - kErrorsMaximum) + " more)";
    throw Failure(isOperator ? ENGINE_UNSUPPORTED_OPERATOR : ENGINE_PARSE_FAILED, message);
}

} // namespace pipeline
