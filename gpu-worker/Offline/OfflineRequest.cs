using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.GpuWorker.Jobs;
using Pipeline.Onnx.Inspection;

namespace Pipeline.GpuWorker.Offline;

/// <summary>The build request of files on this machine, as acceptance would have made it of an upload.</summary>
internal sealed record OfflineRequest(BuildRequest Request, FetchedModel Model)
{
    // No acceptance gave it one.
    private const string Version = "local";

    /// <exception cref="InvalidDataException">The file is no ONNX model.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="JobFailedException">A golden file cannot be read.</exception>
    public static async Task<OfflineRequest> ReadAsync(
        FileInfo file, PromotionPolicy policy, IEnumerable<FileInfo> golden, Lane lane, CancellationToken cancellationToken)
    {
        OnnxInspection inspection = await InspectAsync(file, cancellationToken);
        var external = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string location in inspection.Model!.ExternalData.Select(e => e.Location).Distinct(StringComparer.Ordinal))
            external[location] = await DigestAsync(Path.Combine(file.DirectoryName!, location), location, cancellationToken);
        ImmutableArray<GoldenFile> files = [.. golden.Select(g => new GoldenFile(g.Name, g.FullName))];
        // A file that is no npz must not cost a build first.
        foreach (GoldenFile each in files) GoldenSamples.Read(each);
        var request = new BuildRequest
        {
            Schema = BuildRequest.CurrentSchema,
            Model = ModelName(Path.GetFileNameWithoutExtension(file.Name)),
            Version = Version,
            AcceptanceNumber = 0,
            Lane = lane,
            Attempt = 1,
            Source = new SourceFile { Path = file.Name, ETag = "", SizeBytes = inspection.Length, Sha256 = inspection.Sha256! },
            Policy = policy,
        };
        return new OfflineRequest(
            request, new FetchedModel { ModelPath = file.FullName, ExternalData = external.ToImmutable(), Golden = files });
    }

    /// <summary>A file's name in the alphabet of models.</summary>
    public static string ModelName(string fileName)
    {
        const int LengthMaximum = 63;
        var name = new StringBuilder();
        foreach (char c in fileName.ToLowerInvariant())
        {
            if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) name.Append(c);
            else if (name.Length > 0 && name[^1] != '-') name.Append('-');
        }

        string cut = name.ToString(0, Math.Min(name.Length, LengthMaximum)).Trim('-');
        return cut.Length > 0 ? cut : "model";
    }

    private static async Task<OnnxInspection> InspectAsync(FileInfo file, CancellationToken cancellationToken)
    {
        await using FileStream stream = file.OpenRead();
        OnnxInspection inspection = await OnnxInspector.InspectAsync(stream, limits: null, cancellationToken);
        return inspection.IsModel ? inspection : throw new InvalidDataException($"'{file.Name}': {inspection.Fault!.Message}");
    }

    private static async Task<string> DigestAsync(string path, string location, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"The external data '{location}' is not beside the model.");
        await using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
