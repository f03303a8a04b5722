using Pipeline.Core.Naming;
using Pipeline.Core.Routing;

namespace Pipeline.Local.Management;

/// <summary>Lanes and runtimes for people, who must never take a simulated one for hardware.</summary>
public static class LaneText
{
    /// <summary>Such as <c>sm_75/trt-11.1.0.106-simulated SIMULATED</c>.</summary>
    public static string Of(Lane lane) => lane.IsSimulated ? Simulated(lane.ToString()) : lane.ToString();

    /// <summary>Such as <c>trt-11.1.0.106-simulated SIMULATED</c>.</summary>
    public static string OfRuntime(string runtime) => Names.IsSimulated(runtime) ? Simulated(runtime) : runtime;

    /// <summary>What a route's name or version is followed by where an engine of it is for a simulated runtime; else nothing.</summary>
    public static string MarkOf(Route route) => new[] { route.Stable, route.Candidate }.OfType<RoutedVersion>()
        .Any(version => version.Engines.Keys.Any(Names.IsSimulated)) ? " SIMULATED" : "";

    public static string Simulated(string name) => $"{name} SIMULATED";
}
