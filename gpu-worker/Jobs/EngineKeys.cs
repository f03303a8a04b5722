using Pipeline.Core.Builds;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>The key of the engine that a request asks for. Pure.</summary>
internal static class EngineKeys
{
    public static string Of(BuildRequest request, FetchedModel model, IEngineBackend backend, BackendProbe probe) =>
        EngineKey.Compute(new EngineKeyInputs
        {
            SourceSha256 = request.Source.Sha256,
            ExternalData = model.ExternalData,
            Lane = request.Lane,
            CudaRuntime = probe.CudaRuntime,
            Precision = request.Policy.Precision,
            Profiles = request.Policy.Profiles,
            Options = backend.KeyOptions,
        });
}
