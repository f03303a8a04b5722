using System.Diagnostics;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>A call of a function that is to be made.</summary>
/// <param name="Payload">What the trigger's own binders read.</param>
/// <param name="Services">The scope to run in; null: one of its own.</param>
/// <param name="TraceParent">The W3C trace context that caused the call; null: the current activity.</param>
internal sealed record Invocation(
    FunctionDescriptor Function, object Payload, ActivityKind Kind, IServiceProvider? Services = null,
    string? TraceParent = null, string? TraceState = null);
