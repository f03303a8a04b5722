namespace Pipeline.Edge.Tests.Support;

/// <summary>One sample as it was read; the labels sorted by name.</summary>
internal sealed record ExpositionSample(string Name, SortedDictionary<string, string> Labels, double Value)
{
    public string Series => Name + "{" + string.Join(",", Labels.Select(l => $"{l.Key}={l.Value}")) + "}";
}
