using Pipeline.Core.Naming;

namespace Pipeline.Local.Management;

/// <summary>Lanes and runtimes for people, who must never take a simulated one for hardware.</summary>
public static class LaneText
{
    /// <summary>Such as <c>sm_75/trt-11.1.0.106-simulated SIMULATED</c>.</summary>
    public static string Of(Lane lane) => lane.IsSimulated ? Simulated(lane.ToString()) : lane.ToString();

    /// <summary>Such as <c>trt-11.1.0.106-simulated SIMULATED</c>.</summary>
    public static string OfRuntime(string runtime) => Names.IsSimulated(runtime) ? Simulated(runtime) : runtime;

    public static string Simulated(string name) => $"{name} SIMULATED";
}
