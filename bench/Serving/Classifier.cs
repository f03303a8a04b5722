using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Engines;

namespace Pipeline.Bench.Serving;

/// <summary>The small model: which way up a line of text is, from 48 x 192 pixels.</summary>
internal static class Classifier
{
    public const string Model = "ocr-cls";
    public const int BatchMaximum = 8;

    public static ServedModel Served { get; } = new()
    {
        Name = Model,
        FileName = "ch_ppocr_mobile_v2.0_cls_infer.onnx",
        Input = "x",
        ItemShape = ImmutableArray.Create(3L, 48, 192),
        ItemsMaximum = BatchMaximum,
    };

    public static string Path => Served.Path;

    public static ShapeProfile Profile => Served.Profile;

    public static Tensor Input(int batch) => Served.CreateInput(batch);

    /// <summary>A request's body with the tensor as bytes behind the JSON.</summary>
    public static byte[] Body(Tensor input, out int jsonLength) => ServedModel.CreateBody(input, out jsonLength);
}
