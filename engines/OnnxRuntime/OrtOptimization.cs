namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Graph optimization levels; each includes the ones below it.</summary>
internal enum OrtOptimization
{
    Off = 0,
    Basic = 1,

    /// <summary>Everything that holds on every machine of the same instruction set.</summary>
    Extended = 2,

    /// <summary>Also memory layouts, whose block size is that of this very processor.</summary>
    All = 99,
}
