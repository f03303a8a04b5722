namespace Pipeline.Onnx.Wire;

/// <summary>
/// A field's header. For scalars <see cref="Value"/> is the value and the reader stands behind the field;
/// for <see cref="WireType.Length"/> the reader stands at <see cref="Start"/>; the payload runs to <see cref="End"/>.
/// </summary>
internal readonly record struct WireField(int Number, WireType Type, ulong Value, long Start, long End)
{
    /// <summary>Field number 0 does not exist: it marks the end of a message.</summary>
    public bool IsEnd => Number == 0;

    public long Length => End - Start;
}
