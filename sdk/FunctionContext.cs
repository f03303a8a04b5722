namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a function may ask about the invocation that it runs in.</summary>
public abstract class FunctionContext
{
    public abstract string InvocationId { get; }

    public abstract string FunctionId { get; }

    public abstract FunctionDefinition FunctionDefinition { get; }

    public abstract TraceContext TraceContext { get; }

    /// <summary>The services of this invocation's scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>Cancelled by the time limit of host.json, by a caller that went away, and late in a shutdown.</summary>
    public virtual CancellationToken CancellationToken { get; }
}
