using Pipeline.Engines.OnnxRuntime;
using Pipeline.Testing;

namespace Pipeline.Engines.Tests;

/// <summary>The backend and models that these tests use.</summary>
internal static class Ort
{
    public static readonly string Classifier = Repository.OcrModel("ch_ppocr_mobile_v2.0_cls_infer.onnx");
    public static readonly string Recognizer = Repository.OcrModel("ch_PP-OCRv4_rec_infer.onnx");
    public static readonly string Detector = Repository.OcrModel("ch_PP-OCRv4_det_infer.onnx");

    /// <summary>One thread: these machines have few cores.</summary>
    public static OnnxRuntimeBackend Backend { get; } = new(new OnnxRuntimeOptions { IntraOpThreads = 1 });

    /// <summary>Builds the model and loads the engine from its bytes.</summary>
    public static IEngine BuildAndLoad(string modelPath, CancellationToken cancellationToken)
    {
        using var folder = new TestFolder();
        BuiltEngine built = Backend.Build(
            new EngineBuildOptions { ModelPath = modelPath, EnginePath = folder.PathOf("built.engine") },
            cancellationToken);
        return Backend.Load(File.ReadAllBytes(built.Path), cancellationToken);
    }

    /// <summary>Writes a model, builds it and loads the engine.</summary>
    public static IEngine BuildAndLoad(TinyModel model, CancellationToken cancellationToken)
    {
        using var folder = new TestFolder();
        return BuildAndLoad(folder.Write("model.onnx", model.ToBytes()), cancellationToken);
    }
}
