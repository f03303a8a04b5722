using System.Diagnostics;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>One invocation, with what the trigger brought.</summary>
internal sealed class EmbeddedFunctionContext(
    FunctionDescriptor function, object payload, IServiceProvider services, Activity activity,
    CancellationToken cancellationToken) : FunctionContext
{
    public override string InvocationId { get; } = Guid.NewGuid().ToString();

    public override string FunctionId => function.Id;

    public override FunctionDefinition FunctionDefinition => function;

    public override TraceContext TraceContext { get; } = new ActivityTraceContext(activity);

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override CancellationToken CancellationToken => cancellationToken;

    public object Payload => payload;

    private sealed class ActivityTraceContext(Activity activity) : TraceContext
    {
        public override string TraceParent => activity.Id ?? "";

        public override string TraceState => activity.TraceStateString ?? "";
    }
}
