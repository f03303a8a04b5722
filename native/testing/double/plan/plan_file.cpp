#include "plan/plan_file.h"

#include "plan/bytes.h"

#include <cstring>

namespace pipeline::simulation {
namespace {

constexpr std::string_view kMagic = "PIPELINE-DOUBLE-PLAN\n";
constexpr int64_t kFormat = 1;
constexpr int32_t kAmpere = 8;

std::string textOf(engine_version const& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch) + "."
        + std::to_string(version.build);
}

void writeTensor(ByteWriter& writer, Tensor const& tensor) {
    writer.text(tensor.name);
    writer.number(static_cast<uint64_t>(tensor.type));
    writer.number(tensor.isInput ? 1 : 0);
    writer.number(tensor.dimensions.size());
    for (Dimension const& dimension : tensor.dimensions) {
        writer.number(static_cast<uint64_t>(dimension.size));
        writer.text(dimension.parameter);
    }
}

Tensor readTensor(ByteReader& reader) {
    Tensor tensor;
    tensor.name = reader.text();
    tensor.type = reader.small(ENGINE_FLOAT, ENGINE_OTHER_TYPE - 1);
    tensor.isInput = reader.small(0, 1) == 1;
    tensor.dimensions.resize(reader.count(ENGINE_DIMENSIONS_MAXIMUM));
    for (Dimension& dimension : tensor.dimensions) {
        dimension.size = reader.number(-1, kDimensionMaximum);
        dimension.parameter = reader.text();
    }
    return tensor;
}

// A compatible plan runs on later versions of its major, any other on its own alone.
bool runsOn(engine_version const& here, PlanFile const& plan) {
    engine_version const& built = plan.version;
    if ((plan.flags & ENGINE_BUILD_VERSION_COMPATIBLE) != 0) return built.major == here.major && built.minor <= here.minor;
    return textOf(built) == textOf(here);
}

bool runsOn(Device const& device, PlanFile const& plan) {
    if (plan.compatibility == ENGINE_COMPATIBLE_AMPERE_PLUS) return device.major >= kAmpere;
    return device.major == plan.deviceMajor && device.minor == plan.deviceMinor;
}

void checkPlace(PlanFile const& plan, Program const& here) {
    if (here.fault == Fault::OtherVersion || !runsOn(here.version, plan)) {
        throw Failure(
            ENGINE_PLAN_OTHER_VERSION,
            "The plan was built by TensorRT " + textOf(plan.version) + "; here is " + textOf(here.version) + " (simulated).");
    }
    if (here.fault == Fault::OtherDevice || !runsOn(here.device, plan)) {
        throw Failure(
            ENGINE_PLAN_OTHER_DEVICE, "The plan was built for sm_" + std::to_string(plan.deviceMajor)
                + std::to_string(plan.deviceMinor) + "; here is sm_" + std::to_string(here.device.major)
                + std::to_string(here.device.minor) + " (simulated).");
    }
}

} // namespace

std::string faultOf(Tensor const& tensor, ShapeRange const& range) {
    auto const rank = static_cast<int32_t>(tensor.dimensions.size());
    if (range.minimum.count != rank || range.typical.count != rank || range.maximum.count != rank)
        return "has shapes of another rank than " + std::to_string(rank);
    for (int32_t i = 0; i < rank; i++) {
        int64_t const low = range.minimum.values[i], middle = range.typical.values[i], high = range.maximum.values[i];
        if (low < 0 || low > middle || middle > high || high > kDimensionMaximum)
            return "has no minimum <= typical <= maximum in dimension " + std::to_string(i);
        int64_t const fixed = tensor.dimensions[static_cast<std::size_t>(i)].size;
        if (fixed >= 0 && (low != fixed || high != fixed)) return "changes dimension " + std::to_string(i) + ", which is fixed";
    }
    return "";
}

std::string PlanFile::write() const {
    ByteWriter writer;
    writer.raw(kMagic.data(), kMagic.size());
    writer.number(kFormat);
    for (int32_t number : {version.major, version.minor, version.patch, version.build, deviceMajor, deviceMinor, compatibility})
        writer.number(static_cast<uint64_t>(number));
    writer.number(flags);
    writer.raw(recipe.data(), recipe.size());
    writer.number(weightBytes);
    writer.number(tensors.size());
    for (Tensor const& tensor : tensors) writeTensor(writer, tensor);
    writer.number(profiles.size());
    for (std::vector<ShapeRange> const& profile : profiles) {
        for (std::size_t i = 0; i < tensors.size(); i++) {
            if (!tensors[i].isInput) continue;
            for (engine_shape const& shape : {profile[i].minimum, profile[i].typical, profile[i].maximum}) writer.shape(shape);
        }
    }
    std::string bytes = writer.take();
    Digest const checksum = digestOf(bytes);
    return bytes.append(reinterpret_cast<char const*>(checksum.data()), checksum.size());
}

PlanFile PlanFile::read(std::string_view bytes, Program const& here) {
    if (bytes.substr(0, kMagic.size()) != kMagic || bytes.size() < kMagic.size() + sizeof(Digest))
        throw Failure(ENGINE_PLAN_CORRUPT, "The bytes are no plan of the double.");
    std::string_view const content = bytes.substr(0, bytes.size() - sizeof(Digest));
    Digest const checksum = digestOf(content);
    if (std::memcmp(checksum.data(), bytes.data() + content.size(), checksum.size()) != 0)
        throw Failure(ENGINE_PLAN_CORRUPT, "The plan's checksum is wrong: bytes were changed or are missing.");

    ByteReader reader(content.substr(kMagic.size()));
    if (reader.number(INT64_MIN, INT64_MAX) != kFormat)
        throw Failure(ENGINE_PLAN_OTHER_VERSION, "The plan was written by another version of the double.");
    PlanFile plan;
    for (int32_t* number : {&plan.version.major, &plan.version.minor, &plan.version.patch, &plan.version.build, &plan.deviceMajor,
                            &plan.deviceMinor, &plan.compatibility})
        *number = reader.small(0, 9999);
    plan.flags = static_cast<uint32_t>(reader.number(0, UINT32_MAX));
    checkPlace(plan, here);
    std::memcpy(plan.recipe.data(), reader.raw(sizeof(Digest)).data(), sizeof(Digest));
    plan.weightBytes = static_cast<uint64_t>(reader.number(0, INT32_MAX));
    std::size_t const tensors = reader.count(kTensorsMaximum);
    for (std::size_t i = 0; i < tensors; i++) plan.tensors.push_back(readTensor(reader));
    std::size_t const profiles = reader.count(kProfilesMaximum);
    for (std::size_t i = 0; i < profiles; i++) {
        std::vector<ShapeRange> ranges(plan.tensors.size());
        for (std::size_t t = 0; t < ranges.size(); t++) {
            if (!plan.tensors[t].isInput) continue;
            ranges[t].minimum = reader.shape();
            ranges[t].typical = reader.shape();
            ranges[t].maximum = reader.shape();
            if (!faultOf(plan.tensors[t], ranges[t]).empty()) ByteReader::corrupt();
        }
        plan.profiles.push_back(std::move(ranges));
    }
    if (!reader.isAtEnd() || plan.profiles.empty()) ByteReader::corrupt();
    return plan;
}

} // namespace pipeline::simulation
