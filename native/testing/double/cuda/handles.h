// The objects behind handles that were given out: one that is none, or was destroyed, is told rather than followed.
#pragma once

#include "cuda/stream.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace pipeline::simulation {

template <typename Object>
class Handles {
public:
    Object* add(std::shared_ptr<Object> object) {
        Object* const handle = object.get();
        objects_.emplace(handle, std::move(object));
        return handle;
    }

    std::shared_ptr<Object> find(Object* handle) const {
        auto const found = objects_.find(handle);
        demand(found != objects_.end(), CudaInvalidHandle);
        return found->second;
    }

    std::shared_ptr<Object> remove(Object* handle) {
        std::shared_ptr<Object> object = find(handle);
        objects_.erase(handle);
        return object;
    }

    std::vector<std::shared_ptr<Object>> all() const {
        std::vector<std::shared_ptr<Object>> objects;
        for (auto const& entry : objects_) objects.push_back(entry.second);
        return objects;
    }

private:
    std::unordered_map<Object*, std::shared_ptr<Object>> objects_;
};

// Graphs that a stream recorded; a stream makes them, the graph functions take them.
Handles<Graph>& graphs();

} // namespace pipeline::simulation
