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

Owned<nvinfer1::IExecutionContext> create(Plan const& plan, int32_t profile, void* memory) {
    using Strategy = nvinfer1::ExecutionContextAllocationStrategy;
    Strategy const strategy = memory == nullptr ? Strategy::kSTATIC : Strategy::kUSER_MANAGED;
    Owned<nvinfer1::IExecutionContext> context(plan.engine->createExecutionContext(strategy));
    if (context == nullptr)
        throw Failure(plan.logger->statusOr(ENGINE_OUT_OF_MEMORY), "No context could be made. " + plan.logger->errors());
    if (memory == nullptr) return context;
#if TENSORRT_AT_LEAST(10, 1)
    context->setDeviceMemoryV2(memory, plan.engine->getDeviceMemorySizeForProfileV2(profile));
#else
    static_cast<void>(profile);
    context->setDeviceMemory(memory);
#endif
    return context;
}

nvinfer1::Dims shapeNow(engine_context const& context, char const* name) {
    return context.context->getTensorShape(name);
}

[[noreturn]] void refuseRun(engine_context const& context, std::string const& what) {
    Logger const& logger = *context.plan->logger;
    throw Failure(logger.statusOr(ENGINE_RUN_FAILED), what + " " + logger.errors());
}

} // namespace
} // namespace pipeline

using namespace pipeline;

extern "C" engine_status engine_context_create(
    engine_plan* plan, int32_t profile, void* memory, void* stream, engine_context** context) {
    return guarded([&] {
        require(plan != nullptr && context != nullptr, "There is no plan or no place for the context.");
        plan->plan->requireProfile(profile);
        auto created = std::make_unique<engine_context>();
        created->plan = plan->plan;
        created->outputs = std::vector<OutputAllocator>(plan->plan->tensors.size());
        created->context = create(*plan->plan, profile, memory);
        if (!created->context->setOptimizationProfileAsync(profile, static_cast<cudaStream_t>(stream)))
            refuseRun(*created, "The shape profile could not be chosen.");
        for (std::size_t i = 0; i < plan->plan->tensors.size(); i++) {
            char const* name = plan->plan->tensors[i].c_str();
            if (!plan->plan->isInput(name)) created->context->setOutputAllocator(name, &created->outputs[i]);
        }
        *context = created.release();
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
        if (context->context->inferShapes(1, &missing) > 0)
            throw Failure(ENGINE_INVALID_ARGUMENT, std::string("Input '") + (missing == nullptr ? "" : missing) + "' is not set.");
        *shape = shapeOf(shapeNow(*context, context->plan->tensor(tensor)));
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
        // False is all that it says; the outputs are garbage then.
        if (!context->context->enqueueV3(static_cast<cudaStream_t>(stream))) refuseRun(*context, "The engine did not run.");
    });
}

extern "C" engine_status engine_context_given_shape(engine_context* context, int32_t tensor, engine_shape* shape) {
    return guarded([&] {
        require(context != nullptr && shape != nullptr, "There is no context or no place for the shape.");
        char const* name = context->plan->tensor(tensor);
        nvinfer1::Dims const now = shapeNow(*context, name);
        bool isFixed = true;
        for (int32_t i = 0; i < now.nbDims; i++) isFixed = isFixed && now.d[i] >= 0;
        *shape = shapeOf(isFixed ? now : context->outputs[static_cast<std::size_t>(tensor)].given());
    });
}
