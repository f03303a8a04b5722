using Pipeline.Cloud.Uploads;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Messages;

/// <summary>
/// Strict reading of what lies on a build queue. A fault is one sentence, for the dead letter's reason.
/// </summary>
public static class BuildRequestReader
{
    public static BuildRequest? TryRead(BinaryData body, out string? fault)
    {
        BuildRequest? request = MessageBody.TryRead<BuildRequest>(
            body.ToMemory(), BuildRequest.CurrentSchema, out fault);
        if (request is null) return null;
        fault = FaultOf(request);
        return fault is null ? request : null;
    }

    private static string? FaultOf(BuildRequest request)
    {
        if (!ModelVersion.TryCreate(request.Model, request.Version, out ModelVersion id))
        {
            return "The build request names no valid model and version.";
        }

        if (request.Attempt < 1 || request.AcceptanceNumber < 1)
        {
            return $"The build request for '{id}' has attempt '{request.Attempt}' and number " +
                $"'{request.AcceptanceNumber}'; both count from 1.";
        }

        if (request.Baseline is { } baseline
            && !(Names.IsSha256(baseline.EngineKey) && Names.IsSha256(baseline.EngineDigest) && baseline.SizeBytes > 0))
        {
            return $"The build request for '{id}' names the engine that serves without a valid key, digest and size.";
        }

        return new[] { request.Source }.Concat(request.ExternalData).Concat(request.Golden)
            .Select(f => FaultOf(f, id)).FirstOrDefault(f => f is not null);
    }

    private static string? FaultOf(SourceFile file, ModelVersion id)
    {
        if (!BlobPath.IsSafe(file.Path) || !file.Path.StartsWith(UploadPath.Folder(id), StringComparison.Ordinal))
        {
            return $"The build request for '{id}' names a file outside that version.";
        }

        return Names.IsSha256(file.Sha256) && file.SizeBytes >= 0 && file.ETag.Length > 0
            ? null
            : $"The build request for '{id}' names '{file.Path}' without a valid digest, size and ETag.";
    }
}
