using Pipeline.Core.Naming;
using Pipeline.Engines.Cuda;
using Pipeline.Engines.TensorRt;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.Simulation;

/// <summary>The runtime of simulated lanes, and how a process becomes one of their machines.</summary>
public static class SimulatedRuntime
{
    /// <summary>As lanes write it.</summary>
    public const string Name = "trt-11.1.0.106-simulated";

    /// <summary>The variable that the double reads its program from when it is loaded.</summary>
    public const string ProgramVariable = "PIPELINE_DOUBLE";

    private const string Gpu = "sm_";

    // A build in an instant would show no progress.
    private const string BuildSeconds = "2";

    /// <summary>What the double is told to be, for a GPU target such as <c>sm_75</c> or <c>sm_90-h200</c>.</summary>
    public static string ProgramFor(string target) => $"version=11.1.0.106;device={target};build_seconds={BuildSeconds}";

    /// <summary>
    /// Whether the double can be a target: a GPU of any compute capability, of a product only where the product's name leads to the
    /// same target again, as a real GPU's name does.
    /// </summary>
    public static bool CanBe(string target)
    {
        if (!Names.IsTarget(target) || !target.StartsWith(Gpu, StringComparison.Ordinal) || target[Gpu.Length] == '0') return false;
        int dash = target.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 || CudaProduct.Of(target[(dash + 1)..]) == target[(dash + 1)..];
    }

    /// <summary>Why nothing can be simulated here, a sentence; null when it can.</summary>
    public static string? Missing()
    {
        try
        {
            ShimLibraryPath.Find(explicitPath: null, TensorRtRuntime.Parse(Name), AppContext.BaseDirectory);
            return null;
        }
        catch (EngineException e)
        {
            return e.Message;
        }
    }
}
