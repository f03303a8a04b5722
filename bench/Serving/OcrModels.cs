using System.Collections.Immutable;
using Pipeline.Core.Policies;

namespace Pipeline.Bench.Serving;

/// <summary>The three models that read text: which way up a line is, what it says, and where lines are.</summary>
internal static class OcrModels
{
    public static ServedModel Recognizer { get; } = new()
    {
        Name = "ocr-rec",
        FileName = "ch_PP-OCRv4_rec_infer.onnx",
        Input = "x",
        ItemShape = ImmutableArray.Create(3L, 48, 320),
        ItemsMaximum = 4,
    };

    public static ServedModel Detector { get; } = new()
    {
        Name = "ocr-det",
        FileName = "ch_PP-OCRv4_det_infer.onnx",
        Input = "x",
        ItemShape = ImmutableArray.Create(3L, 320, 320),
        ItemsMaximum = 4,
    };

    /// <summary>The classifier again, every request in a run of its own.</summary>
    public static ServedModel SingleClassifier { get; } = Classifier.Served with
    {
        Name = "ocr-cls-single",
        Batching = new BatchingPolicy { ItemsMaximum = 1 },
    };
}
