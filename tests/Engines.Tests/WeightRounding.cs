using System.Runtime.InteropServices;

namespace Pipeline.Engines.Tests;

/// <summary>Spoils a model: rounds every large float tensor to 15 levels.</summary>
internal static class WeightRounding
{
    private const int LengthMinimum = 1024;

    public static byte[] ToFourBits(byte[] model)
    {
        int rounded = 0;
        // Initializers, and the values of Constant nodes, where exporters from PaddlePaddle keep weights.
        foreach (Range tensor in OnnxFields.Of(model, 7, 5).Concat(OnnxFields.Of(model, 7, 1, 5, 5)).ToList())
        {
            var fields = OnnxFields.Children(model, tensor).ToList();
            if (!fields.Exists(f => f.Field == 2 && f.Value == (long)ElementType.Float32)) continue;
            foreach (var raw in fields.Where(f => f.Field == 9))
            {
                Span<float> weights = MemoryMarshal.Cast<byte, float>(model.AsSpan(raw.At));
                if (weights.Length < LengthMinimum) continue;
                Round(weights);
                rounded++;
            }
        }

        Assert.True(rounded > 0, "No tensor was found to round.");
        return model;
    }

    private static void Round(Span<float> weights)
    {
        float largest = 0;
        foreach (float weight in weights) largest = Math.Max(largest, Math.Abs(weight));
        float step = largest / 7;
        if (step == 0) return;
        for (int i = 0; i < weights.Length; i++) weights[i] = MathF.Round(weights[i] / step) * step;
    }
}
