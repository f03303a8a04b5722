using System.Text.RegularExpressions;

namespace Pipeline.Engines.Cuda;

/// <summary>The part of a GPU's name that says which product it is, as targets write it.</summary>
internal static partial class CudaProduct
{
    private const int LengthMaximum = 20;

    /// <summary>
    /// <c>h200</c> of "NVIDIA H200", <c>a100</c> of "NVIDIA A100-SXM4-80GB", <c>t4</c> of "Tesla T4", <c>rtx4090</c> of "NVIDIA GeForce
    /// RTX 4090": the words up to the first one with a digit, makers and families aside. Null when there is none.
    /// </summary>
    public static string? Of(string name)
    {
        string product = "";
        foreach (Match word in Words().Matches(name.ToLowerInvariant()))
        {
            if (word.Value is "nvidia" or "tesla" or "geforce" or "quadro" or "graphics" or "device" or "simulated") continue;
            product += word.Value;
            if (word.Value.Any(char.IsAsciiDigit)) return product.Length <= LengthMaximum ? product : null;
        }

        return null;
    }

    [GeneratedRegex("[a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
