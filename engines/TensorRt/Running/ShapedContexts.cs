using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>The native contexts of one lane, by the shapes that they are set to; a bounded number of them.</summary>
internal sealed class ShapedContexts(SharedPlan plan, RunBuffers buffers, CudaStream stream) : IDisposable
{
    private readonly List<ShapedContext> contexts = [];
    private readonly int keptMaximum = Math.Max(plan.Options.CudaGraphs, plan.Description.Profiles.Length);
    private long uses;

    /// <summary>A context for these shapes: the one that has them, a new one, or the one that was longest unused.</summary>
    /// <exception cref="EngineException">InvalidInput: no profile takes them. OutOfMemory or RunFailed.</exception>
    public ShapedContext For(InputShapes shapes)
    {
        ShapedContext found = Find(shapes) ?? Take(shapes.Choose(plan.Description) ?? throw NoProfile(shapes));
        found.LastUsed = ++uses;
        return found;
    }

    public void Dispose()
    {
        foreach (ShapedContext context in contexts) context.Dispose();
        contexts.Clear();
    }

    private ShapedContext? Find(InputShapes shapes)
    {
        foreach (ShapedContext context in contexts)
        {
            if (context.IsFor(shapes)) return context;
        }

        return null;
    }

    private ShapedContext Take(PlanProfile profile)
    {
        ShapedContext? ofProfile = LongestUnused(profile);
        // Without graphs a context for each shape would save little; one for each profile saves changing profiles.
        bool isFull = contexts.Count >= keptMaximum || (plan.Options.CudaGraphs <= 0 && ofProfile is not null);
        if (isFull && ofProfile is not null) return ofProfile;
        if (isFull)
        {
            ShapedContext given = LongestUnused(profile: null)!;
            contexts.Remove(given);
            given.Dispose();
        }

        try
        {
            return Make(profile);
        }
        catch (EngineException e) when (e.Kind == EngineErrorKind.OutOfMemory && contexts.Count > 0)
        {
            // What is kept for shapes that may come again must not cost the run that is here.
            if (ofProfile is not null) return ofProfile;
            Dispose();
            return Make(profile);
        }
    }

    private ShapedContext Make(PlanProfile profile)
    {
        var made = new ShapedContext(plan, profile, buffers, stream);
        contexts.Add(made);
        return made;
    }

    private ShapedContext? LongestUnused(PlanProfile? profile)
    {
        ShapedContext? found = null;
        foreach (ShapedContext context in contexts)
        {
            if (profile is not null && context.Profile.Number != profile.Number) continue;
            if (found is null || context.LastUsed < found.LastUsed) found = context;
        }

        return found;
    }

    private EngineException NoProfile(InputShapes shapes)
    {
        IEnumerable<string> given = plan.Description.Inputs.Select((t, i) => $"'{t.Name}' [{string.Join(", ", shapes[i].ToArray())}]");
        IEnumerable<string> taken = plan.Description.Profiles.Select(
            p => string.Join(", ", plan.Description.Inputs.Select((t, i) => $"'{t.Name}' {p.Text(i)}")));
        return new EngineException(
            EngineErrorKind.InvalidInput,
            $"No shape profile of the engine takes {string.Join(", ", given)}; it was built for {string.Join("; or ", taken)}.");
    }
}
