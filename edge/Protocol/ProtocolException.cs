namespace Pipeline.Edge.Protocol;

/// <summary>
/// A request that gets a problem for an answer. The message is the one sentence that its sender reads.
/// </summary>
internal sealed class ProtocolException(int status, string sentence) : Exception(sentence)
{
    public int Status { get; } = status;

    /// <summary>When to try again; null when that would not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static ProtocolException BadRequest(string sentence) => new(StatusCodes.Status400BadRequest, sentence);

    public static ProtocolException NotFound(string sentence) => new(StatusCodes.Status404NotFound, sentence);

    public static ProtocolException Unavailable(string sentence) =>
        new(StatusCodes.Status503ServiceUnavailable, sentence) { RetryAfter = TimeSpan.FromSeconds(2) };

    /// <summary>Text of a sender, fit to be quoted back: not longer than a name may be.</summary>
    public static string Quote(string text) => text.Length <= 64 ? $"'{text}'" : $"'{text[..64]}...'";
}
