using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Policies;

/// <summary>Everything that is wrong with a policy file, bounded.</summary>
internal sealed class PolicyErrors
{
    private const int CountMaximum = 30;

    private readonly List<string> errors = [];

    public int Count => errors.Count;

    public void Add(string path, string fault) => errors.Add($"{path}: {fault}");

    public void WrongType(string path, string wanted, JsonElement found) => Add(path, $"it must be {wanted}, not {Kind(found)}.");

    public ImmutableArray<string> ToSentences() => errors.Count <= CountMaximum
        ? [.. errors]
        : [.. errors.Take(CountMaximum), $"$: {errors.Count - CountMaximum} more errors are left out."];

    /// <summary>A text from the file, short enough to quote.</summary>
    public static string Short(string text) => Sentence.Bound(text, 60);

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"the text '{Short(element.GetString()!)}'",
        JsonValueKind.Number => $"the number {Short(element.GetRawText())}",
        _ => element.GetRawText(),
    };
}
