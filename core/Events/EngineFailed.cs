using Pipeline.Core.Builds;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Events;

/// <summary>A build ended without an engine to gate.</summary>
public sealed record EngineFailed
{
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    public required string Model { get; init; }

    public required string Version { get; init; }

    public required long AcceptanceNumber { get; init; }

    public required Lane Lane { get; init; }

    public required int Attempt { get; init; }

    public required BuildFailureKind Kind { get; init; }

    /// <summary>One sentence for the person who uploaded the model.</summary>
    public required string Message { get; init; }

    /// <summary>That this attempt of the request failed.</summary>
    public static EngineFailed Of(BuildRequest request, BuildFailureKind kind, string message) => new()
    {
        Schema = CurrentSchema,
        Model = request.Model,
        Version = request.Version,
        AcceptanceNumber = request.AcceptanceNumber,
        Lane = request.Lane,
        Attempt = request.Attempt,
        Kind = kind,
        Message = message,
    };
}
