// Contexts: shapes and addresses for runs of one profile, and the runs.
#include "cuda/stream.h"
#include "engine/plan.h"
#include "engine/run.h"
#include "engine/shapes.h"

#include <optional>

using namespace pipeline;
using namespace pipeline::simulation;

struct engine_context : LiveObject {
    std::shared_ptr<Plan const> plan;
    int32_t profile = 0;
    std::unique_ptr<ReservedMemory const> memory; // null: the caller's
    std::vector<bool> isSet;                      // by tensor
    std::vector<engine_shape> shapes;             // of inputs
    std::vector<void*> addresses;
    std::vector<uint64_t> capacities;             // of outputs
    std::shared_ptr<std::vector<engine_shape>> given; // of outputs, by the last run; runs in streams hold it
    std::optional<std::vector<engine_shape>> warm; // the shapes of the last run
};

namespace {

std::unique_ptr<engine_context> create(std::shared_ptr<Plan const> plan, int32_t profile, void const* memory) {
    auto const program = currentProgram();
    uint64_t const bytes = plan->deviceBytes(profile);
    auto created = std::make_unique<engine_context>();
    try {
        demand(program->fault != Fault::ContextMemory, CudaOutOfMemory);
        if (memory == nullptr) created->memory = std::make_unique<ReservedMemory const>(bytes);
    } catch (CudaError const&) {
        throw Failure(ENGINE_OUT_OF_MEMORY, "No context could be made. The GPU has no " + std::to_string(bytes) + " bytes left.");
    }
    require(memory == nullptr || isReachable(memory, bytes), "The memory of the context is smaller than its profile needs.");
    std::size_t const tensors = plan->file.tensors.size();
    created->plan = std::move(plan);
    created->profile = profile;
    created->isSet.resize(tensors);
    created->shapes.resize(tensors);
    created->addresses.resize(tensors);
    created->capacities.resize(tensors);
    created->given = std::make_shared<std::vector<engine_shape>>(tensors);
    return created;
}

std::string nameOf(Tensor const& tensor) {
    return std::string(tensor.isInput ? "Input '" : "Output '") + tensor.name + "'";
}

void requireShape(engine_context const& context, int32_t tensor, engine_shape const& shape) {
    ShapeRange const& range = context.plan->profile(context.profile)[static_cast<std::size_t>(tensor)];
    bool isWithin = shape.count == range.minimum.count;
    for (int32_t i = 0; isWithin && i < shape.count; i++)
        isWithin = shape.values[i] >= range.minimum.values[i] && shape.values[i] <= range.maximum.values[i];
    if (isWithin) return;
    throw Failure(
        ENGINE_INVALID_ARGUMENT, nameOf(context.plan->tensor(tensor)) + " does not take this shape in this profile: it takes "
            + textOf(range.minimum) + " to " + textOf(range.maximum) + ".");
}

void requireInputs(engine_context const& context) {
    std::vector<Tensor> const& tensors = context.plan->file.tensors;
    for (std::size_t i = 0; i < tensors.size(); i++) {
        if (tensors[i].isInput && !context.isSet[i]) throw Failure(ENGINE_INVALID_ARGUMENT, nameOf(tensors[i]) + " is not set.");
    }
}

BoundTensor bind(engine_context const& context, std::size_t index, engine_shape const& shape) {
    Tensor const& tensor = context.plan->file.tensors[index];
    BoundTensor const bound{tensor.type, shape, context.addresses[index], bytesOf(tensor.type, shape)};
    if (bound.bytes > 0 && !isReachable(bound.address, bound.bytes))
        throw Failure(ENGINE_RUN_FAILED, nameOf(tensor) + " needs " + std::to_string(bound.bytes) + " bytes, which its memory has not.");
    return bound;
}

std::vector<BoundTensor> bindInputs(engine_context const& context) {
    std::vector<BoundTensor> inputs;
    for (std::size_t i = 0; i < context.shapes.size(); i++) {
        if (context.plan->file.tensors[i].isInput) inputs.push_back(bind(context, i, context.shapes[i]));
    }
    return inputs;
}

struct Order {
    std::vector<BoundTensor> inputs, outputs;
    std::vector<std::size_t> numbers; // of the outputs
    std::vector<engine_shape> shapes; // by tensor
};

// data: what the inputs hold, when an output's shape needs it.
Order orderOf(engine_context const& context, std::optional<uint64_t> data) {
    std::vector<Tensor> const& tensors = context.plan->file.tensors;
    Order order{bindInputs(context), {}, {}, context.shapes};
    for (std::size_t i = 0; i < tensors.size(); i++) {
        if (tensors[i].isInput) continue;
        if (!context.isSet[i]) throw Failure(ENGINE_INVALID_ARGUMENT, nameOf(tensors[i]) + " has no memory.");
        engine_shape shape = outputShape(tensors, i, context.shapes);
        if (data.has_value()) shape = givenShape(tensors[i], shape, *data);
        if (bytesOf(tensors[i].type, shape) > context.capacities[i])
            throw Failure(ENGINE_RUN_FAILED, nameOf(tensors[i]) + " needs more memory than it was given: " + textOf(shape) + ".");
        order.outputs.push_back(bind(context, i, shape));
        order.numbers.push_back(i);
        order.shapes[i] = shape;
    }
    return order;
}

bool isDataDependent(engine_context const& context) {
    for (Tensor const& tensor : context.plan->file.tensors) {
        if (!tensor.isInput && tensor.isDataDependent()) return true;
    }
    return false;
}

bool isSame(std::vector<engine_shape> const& left, std::vector<engine_shape> const& right) {
    for (std::size_t i = 0; i < left.size(); i++) {
        for (int32_t d = 0; d < left[i].count; d++) {
            if (left[i].values[d] != right[i].values[d]) return false;
        }
    }
    return true;
}

void run(engine_context& context, Stream* stream) {
    auto const lock = lockDevice();
    if (currentProgram()->fault == Fault::RunFailed)
        throw Failure(ENGINE_RUN_FAILED, "The engine did not run. The double's program says so.");
    requireInputs(context);
    bool const isCaptured = isCapturing(stream);
    // As TensorRT: the first run of its shapes allocates, and one whose shapes depend on the data waits for it.
    if (isCaptured && (isDataDependent(context) || !context.warm.has_value() || !isSame(*context.warm, context.shapes))) {
        invalidateCapture(stream);
        throw Failure(ENGINE_RUN_FAILED, "The run cannot be captured: its shapes did not run before, or depend on the data.");
    }
    std::optional<uint64_t> data;
    if (isDataDependent(context)) {
        std::shared_ptr<Stream> const found = streamOf(stream);
        finish(*found, found->enqueued);
        data = dataOf(bindInputs(context));
    }
    auto const order = std::make_shared<Order const>(orderOf(context, data));
    enqueue(stream, [order, given = context.given] {
        uint64_t const now = dataOf(order->inputs);
        for (std::size_t i = 0; i < order->outputs.size(); i++) fill(order->outputs[i], order->numbers[i], now);
        *given = order->shapes;
    });
    context.warm = context.shapes;
}

} // namespace

extern "C" engine_status engine_context_create(
    engine_plan* plan, int32_t profile, void* memory, void* stream, engine_context** context) {
    return guarded([&] {
        require(plan != nullptr && context != nullptr, "There is no plan or no place for the context.");
        static_cast<void>(stream);
        *context = create(plan->plan, profile, memory).release();
    });
}

extern "C" void engine_context_release(engine_context* context) {
    delete context;
}

extern "C" engine_status engine_context_set_input(
    engine_context* context, int32_t tensor, engine_shape const* shape, void const* address) {
    return guarded([&] {
        require(context != nullptr && shape != nullptr, "There is no context or no shape.");
        require(context->plan->tensor(tensor).isInput, "The tensor is no input.");
        requireShape(*context, tensor, *shape);
        auto const index = static_cast<std::size_t>(tensor);
        context->shapes[index] = *shape;
        context->addresses[index] = const_cast<void*>(address);
        context->isSet[index] = true;
    });
}

extern "C" engine_status engine_context_output_shape(engine_context* context, int32_t tensor, engine_shape* shape) {
    return guarded([&] {
        require(context != nullptr && shape != nullptr, "There is no context or no place for the shape.");
        requireInputs(*context);
        auto const index = static_cast<std::size_t>(tensor);
        bool const isInput = context->plan->tensor(tensor).isInput;
        *shape = isInput ? context->shapes[index] : outputShape(context->plan->file.tensors, index, context->shapes);
    });
}

extern "C" engine_status engine_context_set_output(engine_context* context, int32_t tensor, void* address, uint64_t capacity) {
    return guarded([&] {
        require(context != nullptr && address != nullptr, "There is no context or no memory.");
        require(!context->plan->tensor(tensor).isInput, "The tensor is no output.");
        auto const index = static_cast<std::size_t>(tensor);
        context->addresses[index] = address;
        context->capacities[index] = capacity;
        context->isSet[index] = true;
    });
}

extern "C" engine_status engine_context_enqueue(engine_context* context, void* stream) {
    return guarded([&] {
        require(context != nullptr && stream != nullptr, "There is no context, or no stream of its own.");
        try {
            run(*context, static_cast<Stream*>(stream));
        } catch (CudaError const& error) {
            throw Failure(ENGINE_RUN_FAILED, "The engine did not run: CUDA error " + std::to_string(error.status) + ".");
        }
    });
}

extern "C" engine_status engine_context_given_shape(engine_context* context, int32_t tensor, engine_shape* shape) {
    return guarded([&] {
        require(context != nullptr && shape != nullptr, "There is no context or no place for the shape.");
        context->plan->tensor(tensor);
        auto const lock = lockDevice();
        *shape = (*context->given)[static_cast<std::size_t>(tensor)];
    });
}
