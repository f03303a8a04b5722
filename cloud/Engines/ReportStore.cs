using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Builds;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Engines;

/// <summary>
/// Container reports: the evidence of the last attempt on each lane. Readers name the digest that they expect.
/// </summary>
public sealed class ReportStore(CloudClients clients)
{
    public const int SizeBytesMaximum = 4 * 1024 * 1024;

    private readonly BlobContainerClient container = clients.Container(EntityNames.ReportsContainer);

    /// <summary>Writes a report over the one before.</summary>
    /// <returns>SHA-256 of its bytes, for the event.</returns>
    /// <exception cref="InvalidDataException">It is larger than readers take.</exception>
    public async Task<string> WriteAsync(BuildReport report, CancellationToken cancellationToken)
    {
        byte[] json = PipelineJson.Write(report);
        if (json.Length > SizeBytesMaximum)
        {
            throw new InvalidDataException(
                $"The report of '{report.Model}/{report.Version}' on '{report.Lane}' has {json.Length} bytes, more " +
                $"than {SizeBytesMaximum}; keep fewer lines of the log.");
        }

        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = BlobWrites.Json } };
        await BlobOf(new ModelVersion(report.Model, report.Version), report.Lane)
            .UploadAsync(BinaryData.FromBytes(json), options, cancellationToken);
        return DigestOf(json);
    }

    /// <summary>
    /// The report with exactly these bytes; null when there is none: a later attempt wrote another, or nobody wrote
    /// one.
    /// </summary>
    /// <exception cref="CorruptedBlobException">The bytes fit the digest, but are no report.</exception>
    public async Task<BuildReport?> ReadAsync(
        ModelVersion id, Lane lane, string sha256, CancellationToken cancellationToken)
    {
        BlobClient blob = BlobOf(id, lane);
        byte[]? json = await BlobReads.TryReadAsync(blob, SizeBytesMaximum, cancellationToken);
        return json is null || DigestOf(json) != sha256 ? null : Parse(blob, json);
    }

    /// <summary>
    /// The newest report, to show; null when there is none. Decisions read the one that an event names.
    /// </summary>
    /// <exception cref="CorruptedBlobException">The blob is no report.</exception>
    public async Task<BuildReport?> ReadNewestAsync(ModelVersion id, Lane lane, CancellationToken cancellationToken)
    {
        BlobClient blob = BlobOf(id, lane);
        byte[]? json = await BlobReads.TryReadAsync(blob, SizeBytesMaximum, cancellationToken);
        return json is null ? null : Parse(blob, json);
    }

    private static BuildReport Parse(BlobClient blob, byte[] json)
    {
        BuildReport report = PipelineJson.TryRead<BuildReport>(json, out string? fault)
            ?? throw new CorruptedBlobException(blob.Name, fault!);
        return report.Schema == BuildReport.CurrentSchema
            ? report
            : throw new CorruptedBlobException(blob.Name, $"its schema is '{report.Schema}', which is not known here.");
    }

    private static string DigestOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private BlobClient BlobOf(ModelVersion id, Lane lane) => container.GetBlobClient(EntityNames.ReportBlob(id, lane));
}
