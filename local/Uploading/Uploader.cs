using Pipeline.Cloud.Uploads;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;

namespace Pipeline.Local.Uploading;

/// <summary>Uploads the files of a version, model.onnx last: its arrival starts the promotion.</summary>
public sealed class Uploader(UploadStore store)
{
    /// <param name="id">The version.</param>
    /// <param name="upload">Files that <see cref="UploadChecker"/> found sound.</param>
    /// <param name="check">What it found.</param>
    /// <param name="progress">Takes the file's name and how much of it is sent, 0 to 1.</param>
    public async Task<UploadResult> UploadAsync(
        ModelVersion id,
        Upload upload,
        UploadCheck check,
        Action<string, double> progress,
        CancellationToken cancellationToken)
    {
        if (await CompareAsync(id, check, cancellationToken) is { } already) return already;
        if (upload.PolicyPath is { } policy) await SendAsync(UploadPath.Policy(id), policy);
        foreach (string golden in upload.GoldenPaths)
            await SendAsync(UploadPath.Folder(id) + UploadPath.GoldenFolder + Path.GetFileName(golden), golden);
        foreach (string location in check.Model!.ExternalData.Select(d => d.Location).Distinct())
            await SendAsync(UploadPath.Folder(id) + location, Path.Combine(upload.Folder, location));

        return await SendAsync(UploadPath.Model(id), upload.ModelPath, overwrite: false)
            ? UploadResult.Uploaded
            : await CompareAsync(id, check, cancellationToken) ?? UploadResult.OtherBytes;

        async Task<bool> SendAsync(string path, string file, bool overwrite = true)
        {
            await using var content = new ReadProgressStream(
                File.OpenRead(file), fraction => progress(Path.GetFileName(file), fraction));
            return await store.UploadAsync(path, content, overwrite, cancellationToken) is not null;
        }
    }

    private async Task<UploadResult?> CompareAsync(
        ModelVersion id, UploadCheck check, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(UploadPath.Model(id), cancellationToken) is not { } there) return null;
        if (there.SizeBytes != check.SizeBytes) return UploadResult.OtherBytes;
        SourceFile frozen = await store.FreezeAsync(there, cancellationToken);
        return frozen.Sha256 == check.Sha256 ? UploadResult.AlreadyThere : UploadResult.OtherBytes;
    }
}
