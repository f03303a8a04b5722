using System.Collections.Immutable;
using Pipeline.Core.Routing;
using Route = Pipeline.Core.Routing.Route;

namespace Pipeline.Edge.Routing;

/// <summary>Since when each model's stable engine has been asked for. Used by the applier's loop only.</summary>
internal sealed class SwapClock(string runtime, TimeProvider time)
{
    private Dictionary<string, Awaited> awaited = new(StringComparer.Ordinal);

    /// <summary>Starts the time of every model whose stable engine is another one than before.</summary>
    public void Accept(ImmutableArray<Route> routes)
    {
        long now = time.GetTimestamp();
        var next = new Dictionary<string, Awaited>(StringComparer.Ordinal);
        foreach (Route route in routes)
        {
            if (route.Stable?.Engines.TryGetValue(runtime, out RoutedEngine? engine) is not true) continue;
            bool isKnown = awaited.TryGetValue(route.Model, out Awaited? before) && before.Digest == engine.EngineDigest;
            next[route.Model] = isKnown ? before! : new Awaited(engine.EngineDigest, now);
        }

        awaited = next;
    }

    /// <summary>How long the engine that a model now serves with was waited for; zero when it was not.</summary>
    public TimeSpan Waited(string model, string digest) =>
        awaited.TryGetValue(model, out Awaited? since) && since.Digest == digest
            ? time.GetElapsedTime(since.Since)
            : TimeSpan.Zero;

    private sealed record Awaited(string Digest, long Since);
}
