namespace Pipeline.Edge.Serving;

/// <summary>
/// The address of an inference, <c>/v2/models/{model}[/versions/{version}]/infer</c>, read without making texts of its parts.
/// </summary>
internal readonly struct InferAddress
{
    private const string Start = "/v2/models/";
    private const string Middle = "/versions/";
    private const string End = "/infer";

    private readonly string path;
    private readonly Range model;
    private readonly Range version;

    private InferAddress(string path, Range model, Range version, bool hasVersion) =>
        (this.path, this.model, this.version, HasVersion) = (path, model, version, hasVersion);

    public ReadOnlySpan<char> Model => path.AsSpan()[model];

    public ReadOnlySpan<char> Version => path.AsSpan()[version];

    public bool HasVersion { get; }

    /// <summary>Upper or lower case as the router has it; false for every other address.</summary>
    public static bool TryParse(string? path, out InferAddress address)
    {
        address = default;
        ReadOnlySpan<char> rest = path;
        if (rest.EndsWith('/')) rest = rest[..^1];
        if (!rest.StartsWith(Start, StringComparison.OrdinalIgnoreCase) || !rest.EndsWith(End, StringComparison.OrdinalIgnoreCase)
            || rest.Length <= Start.Length + End.Length)
        {
            return false;
        }

        ReadOnlySpan<char> names = rest[Start.Length..^End.Length];
        int modelEnd = names.IndexOf('/');
        if (modelEnd < 0)
        {
            address = new(path!, Start.Length..(Start.Length + names.Length), default, hasVersion: false);
            return true;
        }

        ReadOnlySpan<char> behind = names[modelEnd..];
        if (modelEnd == 0 || !behind.StartsWith(Middle, StringComparison.OrdinalIgnoreCase)) return false;
        ReadOnlySpan<char> version = behind[Middle.Length..];
        if (version.IsEmpty || version.Contains('/')) return false;
        int versionStart = Start.Length + modelEnd + Middle.Length;
        address = new(
            path!, Start.Length..(Start.Length + modelEnd), versionStart..(versionStart + version.Length), hasVersion: true);
        return true;
    }
}
