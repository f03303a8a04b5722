using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Serving;

/// <summary>What every inference request works with.</summary>
internal sealed record InferServices(
    EdgeState State, AdmissionGate Gate, EdgeCounters Counters, EdgeOptions Options, TimeProvider Time,
    ILogger<InferenceHandler> Logger);
