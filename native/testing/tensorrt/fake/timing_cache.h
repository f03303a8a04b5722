// A timing cache whose bytes are "timings" and then pairs of a key and the hash of a tactic.
#pragma once

#include "host_memory.h"

#include <cstring>

namespace fake {

class TimingCache final : public nvinfer1::ITimingCache, public nvinfer1::apiv::VTimingCacheDefaults, public Counted {
public:
    static constexpr char const* kMagic = "timings";

    explicit TimingCache(std::map<uint64_t, uint64_t> entries) : Counted("ITimingCache"), tactics(std::move(entries)) { mImpl = this; }

    static std::string bytesOf(std::map<uint64_t, uint64_t> const& entries) {
        std::string bytes = kMagic;
        for (auto const& [key, tactic] : entries) {
            bytes.append(reinterpret_cast<char const*>(&key), sizeof key);
            bytes.append(reinterpret_cast<char const*>(&tactic), sizeof tactic);
        }
        return bytes;
    }

    // Whether the bytes are a cache.
    static bool read(void const* blob, std::size_t size, std::map<uint64_t, uint64_t>& entries) {
        if (size == 0) return true;
        std::size_t const magic = std::strlen(kMagic);
        auto const* at = static_cast<char const*>(blob);
        if (size < magic || (size - magic) % 16 != 0 || std::memcmp(at, kMagic, magic) != 0) return false;
        for (std::size_t i = magic; i < size; i += 16) {
            uint64_t pair[2];
            std::memcpy(pair, at + i, sizeof pair);
            entries[pair[0]] = pair[1];
        }
        return true;
    }

    nvinfer1::IHostMemory* serialize() const noexcept override {
        return isBroken("ITimingCache::serialize", nullptr) ? nullptr : new HostMemory(bytesOf(tactics));
    }

    std::map<uint64_t, uint64_t> tactics;

#if NV_TENSORRT_MAJOR > 10 || NV_TENSORRT_MINOR >= 8
    int64_t queryKeys(nvinfer1::TimingCacheKey* keys, int64_t capacity) const noexcept override {
        int64_t count = 0;
        for (auto const& entry : tactics) {
            if (keys != nullptr && count < capacity) {
                keys[count] = {};
                std::memcpy(keys[count].data, &entry.first, sizeof entry.first);
            }
            ++count;
        }
        return count;
    }

    nvinfer1::TimingCacheValue query(nvinfer1::TimingCacheKey const& key) const noexcept override {
        auto const found = tactics.find(numberOf(key));
        return {found == tactics.end() ? nvinfer1::TimingCacheValue::kINVALID_TACTIC_HASH : found->second, 1.0F};
    }

    bool update(nvinfer1::TimingCacheKey const& key, nvinfer1::TimingCacheValue const& value) noexcept override {
        if (isBroken("ITimingCache::update", nullptr)) return false;
        call("ITimingCache::update " + std::to_string(numberOf(key)));
        tactics[numberOf(key)] = value.tacticHash;
        return true;
    }

private:
    static uint64_t numberOf(nvinfer1::TimingCacheKey const& key) {
        uint64_t number = 0;
        std::memcpy(&number, key.data, sizeof number);
        return number;
    }
#endif
};

} // namespace fake
