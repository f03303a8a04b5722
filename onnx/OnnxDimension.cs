using System.Globalization;

namespace Pipeline.Onnx;

/// <summary>One dimension of a shape: a fixed size, a symbol that binds equal sizes together, or unknown.</summary>
public readonly record struct OnnxDimension
{
    private OnnxDimension(long? size, string? symbol)
    {
        Size = size;
        Symbol = symbol;
    }

    /// <summary>The fixed size (0 or more); null when the size is free.</summary>
    public long? Size { get; }

    /// <summary>The name of a free size; null when the size is fixed or nothing is known.</summary>
    public string? Symbol { get; }

    public bool IsFixed => Size is not null;

    public static OnnxDimension Unknown => default;

    public static OnnxDimension Fixed(long size) => new(size, null);

    public static OnnxDimension Named(string symbol) => new(null, symbol);

    public static implicit operator OnnxDimension(long size) => Fixed(size);

    public static implicit operator OnnxDimension(string symbol) => Named(symbol);

    /// <inheritdoc cref="Fixed"/>
    public static OnnxDimension FromInt64(long size) => Fixed(size);

    /// <inheritdoc cref="Named"/>
    public static OnnxDimension FromString(string symbol) => Named(symbol);

    /// <summary>The size, the symbol, or a question mark.</summary>
    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}
