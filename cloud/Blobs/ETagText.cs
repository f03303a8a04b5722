using Azure;

namespace Pipeline.Cloud.Blobs;

/// <summary>
/// The one spelling of ETags in stored and sent shapes: without quotes, as Event Grid and listings have them; response
/// headers quote them.
/// </summary>
public static class ETagText
{
    public static string Of(ETag etag) => Bare(etag.ToString());

    /// <summary>Takes the quotes off, if there are any.</summary>
    public static string Bare(string text) => text.Trim('"');

    /// <summary>The ETag that a condition sends.</summary>
    public static ETag Parse(string text) => new($"\"{Bare(text)}\"");
}
