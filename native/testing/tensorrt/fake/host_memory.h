#pragma once

#include "state.h"

#include "defaults.h"

namespace fake {

class HostMemory final : public nvinfer1::IHostMemory, public nvinfer1::apiv::VHostMemoryDefaults, public Counted {
public:
    explicit HostMemory(std::string bytes) : Counted("IHostMemory"), bytes_(std::move(bytes)) { mImpl = this; }
    void* data() const noexcept override { return const_cast<char*>(bytes_.data()); }
    std::size_t size() const noexcept override { return bytes_.size(); }

private:
    std::string bytes_;
};

} // namespace fake
