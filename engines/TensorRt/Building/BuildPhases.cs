namespace Pipeline.Engines.TensorRt.Building;

/// <summary>
/// Makes one rising fraction of TensorRT's phases, which nest: a step of a phase that its inner phase has half done counts half.
/// Thread-safe, since phases are told from several threads.
/// </summary>
internal sealed class BuildPhases
{
    private const int PhasesMaximum = 256;
    private const int NameLengthMaximum = 80;
    private const double Smallest = 0.005;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Phase> phases = new(StringComparer.Ordinal);
    private EngineBuildProgress told;

    /// <summary>Takes in where a phase is; the whole build's progress when that is news, otherwise null.</summary>
    /// <param name="parent">Null for an outermost phase.</param>
    public EngineBuildProgress? Update(string phase, string? parent, int done, int steps)
    {
        lock (gate)
        {
            Keep(phase, parent, done, steps);
            (string outermost, double fraction) = Outermost(phase);
            string stage = new([.. outermost.Take(NameLengthMaximum).Select(c => char.IsControl(c) ? ' ' : c)]);
            // Phases end out of order and siblings overlap; progress that goes back would tell nobody anything.
            if (stage == told.Stage && fraction < told.Fraction + Smallest && (fraction < 1 || told.Fraction >= 1)) return null;
            told = new(stage, fraction);
            return told;
        }
    }

    private void Keep(string phase, string? parent, int done, int steps)
    {
        if (!phases.TryGetValue(phase, out Phase? known))
        {
            if (phases.Count >= PhasesMaximum) phases.Clear();
            known = phases[phase] = new Phase();
        }

        known.Parent = parent;
        known.Own = steps <= 0 ? 0 : Math.Clamp((double)done / steps, 0, 1);
        known.Step = steps <= 0 ? 0 : 1.0 / steps;
        known.Inner = 0;
        if (parent is null || !phases.TryGetValue(parent, out Phase? outer)) return;
        outer.Inner = known.Own < 1 ? known.Own : 0;
    }

    private (string Name, double Fraction) Outermost(string phase)
    {
        string name = phase;
        double fraction = 0;
        // Bounded, since a library may name a phase its own ancestor.
        for (int depth = 0; depth < PhasesMaximum && phases.TryGetValue(name, out Phase? at); depth++)
        {
            double inner = depth == 0 ? at.Inner : fraction < 1 ? fraction : 0;
            fraction = Math.Min(1, at.Own + (at.Step * inner));
            if (at.Parent is null || !phases.ContainsKey(at.Parent)) break;
            name = at.Parent;
        }

        return (name, fraction);
    }

    private sealed class Phase
    {
        public string? Parent { get; set; }

        public double Own { get; set; }

        /// <summary>What one step is of the whole.</summary>
        public double Step { get; set; }

        /// <summary>How far the step under way is.</summary>
        public double Inner { get; set; }
    }
}
