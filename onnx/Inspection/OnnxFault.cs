namespace Pipeline.Onnx.Inspection;

/// <summary>The one reason why a file was refused.</summary>
public sealed record OnnxFault
{
    public required OnnxFaultKind Kind { get; init; }

    /// <summary>
    /// One or two sentences for the person who uploaded the file; text from the file is quoted and made harmless.
    /// </summary>
    public required string Message { get; init; }

    /// <summary>How far into the file the reader was, in bytes.</summary>
    public required long Offset { get; init; }

    /// <summary>Text from an untrusted file for a message: shortened, and without control characters.</summary>
    internal static string Quote(string text)
    {
        string head = text.Length > 80 ? text[..80] + "…" : text;
        return $"'{string.Concat(head.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c))}'";
    }
}
