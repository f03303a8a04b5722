#include "causes.h"
#include "names.h"
#include "output_allocator.h"
#include "plan.h"

struct engine_context {
    std::shared_ptr<pipeline::Plan const> plan;
    std::vector<pipeline::OutputAllocator> outputs; // by tensor, those of inputs unused
    pipeline::Owned<nvinfer1::IExecutionContext> context;
};

namespace pipeline {
namespace {

// A call that TensorRT refuses: its reasons are the errors since the call began, the plan's logger having those of all calls.
class Attempt {
public:
    explicit Attempt(Plan const& plan) : logger_(*plan.logger), before_(logger_.count()) {}

    [[noreturn]] void refuse(std::string const& what, engine_status otherwise) const {
        std::string const errors = logger_.errors(before_);
        throw Failure(causeOf(errors, otherwise), what + " " + errors);
    }

private:
    Logger const& logger_;
    uint64_t before_;
};

void giveMemory(Plan const& plan, int32_t profile, nvinfer1::IExecutionContext& context, void* memory) {
#if TENSORRT_AT_LEAST(10, 1)
    context.setDeviceMemoryV2(memory, plan.engine->getDeviceMemorySizeForProfileV2(profile));
#else
    static_cast<void>(plan);
    static_cast<void>(profile);
    context.setDeviceMemory(memory);
#endif
}

std::unique_ptr<engine_context> create(std::shared_ptr<Plan const> const& shared, int32_t profile, void* memory, void* stream) {
    using Strategy = nvinfer1::ExecutionContextAllocationStrategy;
    Plan const& plan = *shared;
    Attempt const attempt(plan);
    auto created = std::make_unique<engine_context>();
    created->plan = shared;
    created->outputs = std::vector<OutputAllocator>(plan.tensors.size());
    created->context.reset(plan.engine->createExecutionContext(memory == nullptr ? Strategy::kSTATIC : Strategy::kUSER_MANAGED));
    if (created->context == nullptr) attempt.refuse("No context could be made.", ENGINE_OUT_OF_MEMORY);
    if (!created->context->setOptimizationProfileAsync(profile, static_cast<cudaStream_t>(stream)))
        attempt.refuse("The shape profile could not be chosen.", ENGINE_RUN_FAILED);
    // After its profile, of whose size it is: a context begins with profile 0.
    if (memory != nullptr) giveMemory(plan, profile, *created->context, memory);
    for (std::size_t i = 0; i < plan.tensors.size(); i++) {
        char const* name = plan.tensors[i].c_str();
        if (!plan.isInput(name) && !created->context->setOutputAllocator(name, &created->outputs[i]))
            attempt.refuse(std::string("Output '") + name + "' takes no memory.", ENGINE_RUN_FAILED);
    }
    return created;
}

} // namespace
} // namespace pipeline

using namespace pipeline;

extern "C" engine_status engine_context_create(
    engine_plan* plan, int32_t profile, void* memory, void* stream, engine_context** context) {
    return guarded([&] {
        require(plan != nullptr && context != nullptr, "There is no plan or no place for the context.");
        plan->plan->requireProfile(profile);
        *context = create(plan->plan, profile, memory, stream).release();
    });
}

extern "C" void engine_context_release(engine_context* context) {
    delete context;
}

extern "C" engine_status engine_context_set_input(
    engine_context* context, int32_t tensor, engine_shape const* shape, void const* address) {
    return guarded([&] {
        require(context != nullptr && shape != nullptr, "There is no context or no shape.");
        char const* name = context->plan->tensor(tensor);
        require(context->plan->isInput(name), "The tensor is no input.");
        if (!context->context->setInputShape(name, dimensionsOf(*shape)))
            throw Failure(ENGINE_INVALID_ARGUMENT, std::string("Input '") + name + "' does not take this shape in this profile.");
        if (!context->context->setInputTensorAddress(name, address))
            throw Failure(ENGINE_INVALID_ARGUMENT, std::string("Input '") + name + "' does not take this address.");
    });
}

extern "C" engine_status engine_context_output_shape(engine_context* context, int32_t tensor, engine_shape* shape) {
    return guarded([&] {
        require(context != nullptr && shape != nullptr, "There is no context or no place for the shape.");
        char const* missing = nullptr;
        char const* name = context->plan->tensor(tensor);
        Attempt const attempt(*context->plan);
        int32_t const unset = context->context->inferShapes(1, &missing);
        if (unset > 0)
            throw Failure(ENGINE_INVALID_ARGUMENT, std::string("Input '") + (missing == nullptr ? "" : missing) + "' is not set.");
        if (unset < 0) attempt.refuse("The shapes of the inputs do not fit together.", ENGINE_INVALID_ARGUMENT);
        *shape = shapeOf(context->context->getTensorShape(name));
    });
}

extern "C" engine_status engine_context_set_output(engine_context* context, int32_t tensor, void* address, uint64_t capacity) {
    return guarded([&] {
        require(context != nullptr && address != nullptr, "There is no context or no memory.");
        char const* name = context->plan->tensor(tensor);
        require(!context->plan->isInput(name), "The tensor is no output.");
        context->outputs[static_cast<std::size_t>(tensor)].give(address, capacity);
        if (!context->context->setTensorAddress(name, address))
            throw Failure(ENGINE_INVALID_ARGUMENT, std::string("Output '") + name + "' does not take this address.");
    });
}

extern "C" engine_status engine_context_enqueue(engine_context* context, void* stream) {
    return guarded([&] {
        require(context != nullptr && stream != nullptr, "There is no context, or no stream of its own.");
        Attempt const attempt(*context->plan);
        for (OutputAllocator& output : context->outputs) output.forget();
        // False is all that it says; the outputs are garbage then.
        if (!context->context->enqueueV3(static_cast<cudaStream_t>(stream)))
            attempt.refuse("The engine did not run.", ENGINE_RUN_FAILED);
    });
}

extern "C" engine_status engine_context_given_shape(engine_context* context, int32_t tensor, engine_shape* shape) {
    return guarded([&] {
        require(context != nullptr && shape != nullptr, "There is no context or no place for the shape.");
        char const* name = context->plan->tensor(tensor);
        nvinfer1::Dims const now = context->context->getTensorShape(name);
        bool isFixed = now.nbDims >= 0;
        for (int32_t i = 0; i < now.nbDims; i++) isFixed = isFixed && now.d[i] >= 0;
        nvinfer1::Dims const& given = context->outputs[static_cast<std::size_t>(tensor)].given();
        require(isFixed || given.nbDims >= 0, "No run has told the shape of this tensor.");
        *shape = shapeOf(isFixed ? now : given);
    });
}
