using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.Profiles;
using Pipeline.Onnx.Inspection;

namespace Pipeline.Local.Uploading;

/// <summary>Finds before an upload what the pipeline would refuse after it.</summary>
public static class UploadChecker
{
    /// <param name="upload">The files.</param>
    /// <param name="lanes">What a policy may name; null when that is not known, and then the policy is not read.</param>
    public static async Task<UploadCheck> CheckAsync(
        Upload upload, IReadOnlyCollection<Lane>? lanes, CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        var notes = new List<string>();
        OnnxInspection inspection;
        await using (FileStream file = File.OpenRead(upload.ModelPath))
        {
            inspection = await OnnxInspector.InspectAsync(file, null, cancellationToken);
        }

        string name = Path.GetFileName(upload.ModelPath);
        if (inspection.Fault is { } fault) errors.Add($"{name}: {fault.Message}");
        PromotionPolicy policy = ReadPolicy(upload, lanes, errors, notes);
        if (inspection.Model is { } model)
        {
            errors.AddRange(ExternalDataFaults(upload, model));
            foreach (string golden in upload.GoldenPaths)
                errors.AddRange(GoldenCheck.Faults(golden, model));
            if (errors.Count == 0) Load(upload, policy, errors, notes, cancellationToken);
        }

        return new UploadCheck
        {
            File = upload.ModelPath,
            Sha256 = inspection.Sha256,
            SizeBytes = new FileInfo(upload.ModelPath).Length,
            Model = inspection.Model,
            Errors = [.. errors],
            Notes = [.. notes],
        };
    }

    private static PromotionPolicy ReadPolicy(
        Upload upload, IReadOnlyCollection<Lane>? lanes, List<string> errors, List<string> notes)
    {
        if (upload.PolicyPath is not { } path) return new PromotionPolicy();
        if (lanes is null)
        {
            notes.Add($"{Path.GetFileName(path)} was not checked here, since the lanes of the environment are not known.");
            return new PromotionPolicy();
        }

        // One byte more than is allowed is enough for the reader to say that it is too much.
        using FileStream file = File.OpenRead(path);
        byte[] json = new byte[Math.Min(file.Length, PromotionPolicy.SizeBytesMaximum + 1)];
        file.ReadExactly(json);
        PolicyReading reading = PolicyReader.Read(json, lanes);
        errors.AddRange(reading.Errors.Select(e => $"{Path.GetFileName(path)}: {e}"));
        return reading.Policy ?? new PromotionPolicy();
    }

    private static IEnumerable<string> ExternalDataFaults(Upload upload, OnnxModelInfo model) =>
        from data in model.ExternalData
        group data by data.Location into file
        let path = Path.Combine(upload.Folder, file.Key)
        let needed = file.Max(d => d.Offset + (d.Length ?? 0))
        let found = File.Exists(path) ? new FileInfo(path).Length : -1
        where found < needed
        select found < 0
            ? $"{file.Key}: the model keeps weights in this file, which is not beside it."
            : $"{file.Key}: the model needs {needed} bytes of weights, and the file has {found}.";

    // The operators, types and shapes that the runtime takes are known to the runtime alone.
    private static void Load(
        Upload upload,
        PromotionPolicy policy,
        List<string> errors,
        List<string> notes,
        CancellationToken cancellationToken)
    {
        try
        {
            using IEngine engine = new OnnxRuntimeBackend(new OnnxRuntimeOptions())
                .LoadReference(upload.ModelPath, cancellationToken);
            ShapeProfiles.Resolve(engine.Inputs, policy.Profiles);
        }
        catch (EngineException e) when (e.Kind is EngineErrorKind.LibraryMissing or EngineErrorKind.LibraryIncompatible)
        {
            notes.Add($"The model was not loaded: {e.Message}");
        }
        catch (EngineException e)
        {
            errors.Add($"{Path.GetFileName(upload.ModelPath)}: {e.Message}");
        }
    }
}
