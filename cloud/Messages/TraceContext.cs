using System.Diagnostics;

namespace Pipeline.Cloud.Messages;

/// <summary>Carries one W3C trace from upload to route change, over messages and stored promotions.</summary>
public static class TraceContext
{
    /// <summary>
    /// The given trace (the promotion's, which began with its upload), else the one under way here; null when there is neither.
    /// </summary>
    public static string? Or(string? traceParent) => traceParent ?? Activity.Current?.Id;

    /// <summary>Puts a traceparent into a message's application properties, when there is one.</summary>
    public static void Write(IDictionary<string, object> properties, string? traceParent)
    {
        if (traceParent is not null) properties[EntityNames.TraceParentProperty] = traceParent;
    }

    /// <summary>The traceparent of a received message; null when there is none that can be read.</summary>
    public static string? Read(IReadOnlyDictionary<string, object> properties) =>
        properties.TryGetValue(EntityNames.TraceParentProperty, out object? value) ? Checked(value as string) : null;

    /// <summary>Starts an activity that goes on with the trace; null when nobody listens.</summary>
    public static Activity? Start(ActivitySource source, string name, ActivityKind kind, string? traceParent) =>
        ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out ActivityContext parent)
            ? source.StartActivity(name, kind, parent)
            : source.StartActivity(name, kind);

    /// <summary>The text when it is a traceparent, else null: others may write into properties and metadata.</summary>
    internal static string? Checked(string? text) =>
        ActivityContext.TryParse(text, traceState: null, out _) ? text : null;
}
