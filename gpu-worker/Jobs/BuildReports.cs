using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>Puts a report together from what a job found. Pure.</summary>
internal static class BuildReports
{
    private const int LogLinesMaximum = 500;
    private const int LogLineLengthMaximum = 1000;

    /// <param name="worker">Facts about the worker by name.</param>
    public static BuildReport Of(
        BuildRequest request, ProducedEngine engine, Measurements measured, ImmutableArray<StageTime> stages,
        ImmutableSortedDictionary<string, string> worker, DateTimeOffset now) =>
        new()
        {
            Model = request.Model,
            Version = request.Version,
            AcceptanceNumber = request.AcceptanceNumber,
            Lane = request.Lane,
            Attempt = request.Attempt,
            EngineKey = engine.Manifest.EngineKey,
            EngineDigest = engine.Manifest.EngineDigest,
            EngineSizeBytes = engine.Manifest.SizeBytes,
            Reused = engine.Reused,
            Inputs = measured.Inputs,
            Outputs = measured.Outputs,
            Accuracy = measured.Accuracy,
            Benchmark = measured.Benchmark,
            Paired = measured.Paired,
            Stages = stages,
            Worker = worker,
            Log = [.. engine.Log.Take(LogLinesMaximum).Select(l => l[..Math.Min(l.Length, LogLineLengthMaximum)])],
            FinishedAt = now,
        };
}
