#include "program.h"

#include "engine_double.h"

#include <charconv>
#include <cstdlib>
#include <locale>
#include <map>
#include <mutex>
#include <sstream>
#include <vector>

namespace pipeline::simulation {
namespace {

constexpr std::size_t kTextMaximum = 4096;
constexpr std::size_t kProductMaximum = 64;
constexpr double kBuildSecondsMaximum = 86400;

std::map<std::string, Fault> const kFaults = {
    {"parse-error", Fault::ParseError},   {"unsupported-operator", Fault::UnsupportedOperator},
    {"build-failed", Fault::BuildFailed}, {"out-of-memory", Fault::OutOfMemory},
    {"crash", Fault::Crash},              {"timing-cache-miss", Fault::TimingCacheMiss},
    {"hang", Fault::Hang},                {"corrupt-plan", Fault::CorruptPlan},
    {"load-crash", Fault::LoadCrash},     {"other-version", Fault::OtherVersion},
    {"run-failed", Fault::RunFailed},     {"other-device", Fault::OtherDevice},
    {"none", Fault::None},                {"context-memory", Fault::ContextMemory},
};

[[noreturn]] void refuse(std::string const& name, std::string const& value, char const* form) {
    throw Failure(ENGINE_INVALID_ARGUMENT, "The double's program has " + name + "='" + value + "'; it must be " + form + ".");
}

std::vector<std::string> split(std::string const& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream rest(text);
    for (std::string part; std::getline(rest, part, separator);) parts.push_back(part);
    return parts;
}

template <typename Number>
bool isNumber(std::string const& text, Number& number) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

engine_version versionOf(std::string const& name, std::string const& value) {
    std::vector<std::string> const parts = split(value, '.');
    engine_version version{0, 0, 0, 0, 1, 0};
    int32_t* const numbers[] = {&version.major, &version.minor, &version.patch, &version.build};
    bool isGood = parts.size() == 4;
    for (std::size_t i = 0; isGood && i < 4; i++) isGood = isNumber(parts[i], *numbers[i]) && *numbers[i] <= 9999;
    if (!isGood || version.major == 0) refuse(name, value, "four numbers such as 11.1.0.106");
    return version;
}

int32_t cudaVersionOf(std::string const& name, std::string const& value) {
    std::vector<std::string> const parts = split(value, '.');
    int32_t major = 0, minor = 0;
    if (parts.size() != 2 || !isNumber(parts[0], major) || !isNumber(parts[1], minor) || major < 1 || major > 99 || minor > 99)
        refuse(name, value, "two numbers such as 13.0");
    return major * 1000 + minor * 10;
}

Device deviceOf(std::string const& name, std::string const& value) {
    Device device;
    device.isPresent = value != "none";
    if (!device.isPresent) return device;
    std::size_t const dash = value.find('-');
    std::string const target = value.substr(0, dash);
    device.product = dash == std::string::npos ? "" : value.substr(dash + 1);
    int32_t capability = 0;
    bool const isGood = target.compare(0, 3, "sm_") == 0 && isNumber(target.substr(3), capability) && capability >= 10
        && capability <= 999 && device.product.size() <= kProductMaximum && (dash == std::string::npos || !device.product.empty());
    if (!isGood) refuse(name, value, "sm_NN, sm_NN-PRODUCT or none");
    device.major = capability / 10;
    device.minor = capability % 10;
    return device;
}

uint64_t bytesOf(std::string const& name, std::string const& value) {
    uint64_t bytes = 0;
    if (!isNumber(value, bytes) || bytes == 0) refuse(name, value, "a number of bytes");
    return bytes;
}

double secondsOf(std::string const& name, std::string const& value) {
    std::istringstream text(value);
    text.imbue(std::locale::classic());
    double seconds = -1;
    if (!(text >> seconds) || !text.eof() || seconds < 0 || seconds > kBuildSecondsMaximum)
        refuse(name, value, "a number of seconds, at most a day");
    return seconds;
}

void apply(Program& program, std::string const& name, std::string const& value) {
    if (name == "version") program.version = versionOf(name, value);
    else if (name == "device") program.device = deviceOf(name, value);
    else if (name == "memory") program.memoryBytes = bytesOf(name, value);
    else if (name == "cuda") program.cuda = cudaVersionOf(name, value);
    else if (name == "driver") program.driver = cudaVersionOf(name, value);
    else if (name == "build_seconds") program.buildSeconds = secondsOf(name, value);
    else if (name == "fault") {
        auto const fault = kFaults.find(value);
        if (fault == kFaults.end()) refuse(name, value, "one of the faults that engine_double.h names");
        program.fault = fault->second;
    } else throw Failure(ENGINE_INVALID_ARGUMENT, "The double's program names '" + name + "', which it does not know.");
}

// The one place where the program is held.
struct Held {
    std::mutex mutex;
    std::shared_ptr<Program const> program; // null: PIPELINE_DOUBLE is none
    std::string problem;

    Held() {
        char const* text = std::getenv("PIPELINE_DOUBLE");
        try {
            program = std::make_shared<Program const>(parseProgram(text == nullptr ? "" : text));
        } catch (Failure const& failure) {
            problem = std::string("PIPELINE_DOUBLE: ") + failure.what();
        }
    }
};

Held& held() {
    static Held instance;
    return instance;
}

} // namespace

Program parseProgram(std::string const& text) {
    require(text.size() <= kTextMaximum, "The double's program is longer than 4096 bytes.");
    Program program;
    std::map<std::string, std::string> given;
    for (std::string const& pair : split(text, ';')) {
        if (pair.find_first_not_of(' ') == std::string::npos) continue;
        std::string const trimmed = pair.substr(pair.find_first_not_of(' '), pair.find_last_not_of(' ') - pair.find_first_not_of(' ') + 1);
        std::size_t const equals = trimmed.find('=');
        if (equals == std::string::npos)
            throw Failure(ENGINE_INVALID_ARGUMENT, "The double's program has '" + trimmed + "', which is no name=value.");
        std::string const name = trimmed.substr(0, equals);
        if (!given.emplace(name, trimmed).second)
            throw Failure(ENGINE_INVALID_ARGUMENT, "The double's program names '" + name + "' twice.");
        apply(program, name, trimmed.substr(equals + 1));
    }
    return program;
}

std::shared_ptr<Program const> currentProgram() {
    Held& all = held();
    std::lock_guard<std::mutex> lock(all.mutex);
    if (all.program == nullptr) throw Failure(ENGINE_INVALID_ARGUMENT, all.problem);
    return all.program;
}

} // namespace pipeline::simulation

extern "C" int32_t engine_double_program(char const* text) {
    using namespace pipeline::simulation;
    return pipeline::guarded([&] {
        pipeline::require(text != nullptr, "There is no program.");
        auto program = std::make_shared<Program const>(parseProgram(text));
        Held& all = held();
        std::lock_guard<std::mutex> lock(all.mutex);
        all.program = std::move(program);
    });
}
