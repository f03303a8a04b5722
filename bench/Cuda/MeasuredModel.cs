using System.Collections.Immutable;
using Pipeline.Bench.Serving;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.Accuracy;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.Profiles;

namespace Pipeline.Bench.Cuda;

/// <summary>One of the OCR models, at the shapes that its checks on CUDA use.</summary>
internal sealed record MeasuredModel(string Name, string FileName, ImmutableArray<long> Item, ImmutableArray<int> Batches)
{
    public static ImmutableArray<MeasuredModel> All { get; } =
    [
        new("cls", Classifier.Served.FileName, [3, 48, 192], [1, 8, 3, 64]),
        new("rec", OcrModels.Recognizer.FileName, [3, 48, 320], [1, 8, 32]),
        new("det", OcrModels.Detector.FileName, [3, 640, 640], [1, 4]),
    ];

    public string Path => Classifier.Served.Path.Replace(Classifier.Served.FileName, FileName, StringComparison.Ordinal);

    /// <summary>One profile a batch size.</summary>
    public ImmutableArray<ShapeProfile> Profiles => [.. Batches.Select(b => Profile(b))];

    public ShapeProfile Profile(int batch)
    {
        ImmutableArray<long> shape = [batch, .. Item];
        return new ShapeProfile
        {
            Name = $"{Name}-{batch}",
            Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(
                "x", new ShapeRange { Minimum = shape, Typical = shape, Maximum = shape }),
        };
    }

    public Tensor Input(IEngine engine, int batch, int seed) =>
        SeededInputs.Create(engine.Inputs, Profile(batch).Shapes(ProfileSize.Typical), seed)[0];

    public IEngine Load(OnnxRuntimeOptions options, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-bench-");
        try
        {
            var backend = new OnnxRuntimeBackend(options);
            string path = System.IO.Path.Combine(folder.FullName, "model.engine");
            backend.Build(new EngineBuildOptions { ModelPath = Path, EnginePath = path }, cancellationToken);
            return backend.Load(File.ReadAllBytes(path), cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The smallest cosine and the largest error to the unoptimized model on the processor.</summary>
    public (double Cosine, double Error) Compare(IEngine engine, CancellationToken cancellationToken)
    {
        using IEngine reference = new OnnxRuntimeBackend(new OnnxRuntimeOptions()).LoadReference(Path, cancellationToken);
        var samples = AccuracyCheck.SeededSamples(engine.Inputs, Profiles, new AccuracyLimits());
        var found = AccuracyCheck.Run(engine, reference, samples, cancellationToken).Outputs[0];
        return (found.CosineMinimum, found.MaximumAbsoluteError);
    }
}
