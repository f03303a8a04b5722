#include "state.h"

#include "defaults.h"

namespace fake {
namespace {

class Error final : public nvonnxparser::IParserErrorDefaults {
public:
    explicit Error(ParserError const& error) : error_(error) {}
    nvonnxparser::ErrorCode code() const override { return error_.code; }
    int node() const override { return error_.node; }
    char const* nodeName() const override { return error_.name.empty() ? nullptr : error_.name.c_str(); }
    char const* nodeOperator() const override { return error_.kind.empty() ? nullptr : error_.kind.c_str(); }

    char const* desc() const override {
        fakeState().script.parserErrorText();
        return error_.text.c_str();
    }

private:
    ParserError error_;
};

class Parser final : public nvonnxparser::IParserDefaults, public Counted {
public:
    explicit Parser(nvinfer1::ILogger* logger) : Counted("IParser"), logger_(logger) {
        for (ParserError const& error : fakeState().script.parserErrors) errors_.emplace_back(error);
    }

    // The logger must still be there.
    ~Parser() noexcept override { logger_->log(nvinfer1::ILogger::Severity::kVERBOSE, "The parser is gone."); }

    bool parseFromFile(char const* path, int) noexcept override {
        fakeState().record.modelPath = path;
        return !isBroken("parseFromFile", logger_) && errors_.empty();
    }

    bool parse(void const* bytes, std::size_t size, char const* path) noexcept override {
        if (path != nullptr) fakeState().record.modelPath = path;
        fakeState().record.model.assign(static_cast<char const*>(bytes), size);
        return !isBroken("parse", logger_) && errors_.empty();
    }

    int getNbErrors() const noexcept override { return static_cast<int>(errors_.size()); }
    nvonnxparser::IParserError const* getError(int index) const noexcept override { return &errors_[static_cast<std::size_t>(index)]; }

private:
    nvinfer1::ILogger* logger_;
    std::vector<Error> errors_;
};

} // namespace
} // namespace fake

extern "C" void* createNvOnnxParser_INTERNAL(void* network, void* logger, int version) noexcept {
    auto* const log = static_cast<nvinfer1::ILogger*>(logger);
    if (network == nullptr || version != NV_ONNX_PARSER_VERSION || fake::isBroken("createNvOnnxParser", log)) return nullptr;
    return static_cast<nvonnxparser::IParser*>(new fake::Parser(log));
}
