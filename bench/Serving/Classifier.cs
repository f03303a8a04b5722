using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Local.Environments;

namespace Pipeline.Bench.Serving;

/// <summary>The model that is measured: which way up a line of text is, from 48 x 192 pixels.</summary>
internal static class Classifier
{
    public const string Model = "ocr-cls";
    public const int BatchMaximum = 8;

    public static string Path => RepositoryLayout.OcrModel("ch_ppocr_mobile_v2.0_cls_infer.onnx");

    public static ShapeProfile Profile { get; } = new()
    {
        Name = "lines",
        Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add("x", new ShapeRange
        {
            Minimum = Shape(1),
            Typical = Shape(1),
            Maximum = Shape(BatchMaximum),
        }),
    };

    public static Tensor Input(int batch)
    {
        var random = new Random(batch);
        float[] pixels = new float[batch * 3 * 48 * 192];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (random.NextSingle() * 2) - 1;
        return Tensor.Copy<float>("x", pixels, Shape(batch).AsSpan());
    }

    /// <summary>A request's body with the tensor as bytes behind the JSON.</summary>
    public static byte[] Body(Tensor input, out int jsonLength)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            inputs = new[]
            {
                new
                {
                    name = input.Name,
                    datatype = "FP32",
                    shape = input.Shape.ToArray(),
                    parameters = new { binary_data_size = input.Data.Length },
                },
            },
            parameters = new { binary_data_output = true },
        });
        jsonLength = json.Length;
        return [.. json, .. input.Data.Span];
    }

    private static ImmutableArray<long> Shape(int batch) => [batch, 3, 48, 192];
}
