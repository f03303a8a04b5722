using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Functions.Tests.OfficialApi;

/// <summary>Writes C# with the listed signatures and bodies that throw.</summary>
internal sealed partial class StubWriter(IEnumerable<ApiListing> all)
{
    private readonly Dictionary<string, ApiType> _types =
        all.SelectMany(listing => listing.Types).GroupBy(type => type.FullName)
            .ToDictionary(group => group.Key, group => group.First());

    public string Write(ApiListing listing)
    {
        var text = new StringBuilder("#nullable enable\n");
        foreach (ApiType type in listing.Types)
        {
            text.Append("namespace ").Append(type.Namespace).Append(" {\n");
            WriteType(text, type);
            text.Append("}\n");
        }

        return text.ToString();
    }

    private void WriteType(StringBuilder text, ApiType type)
    {
        if (type.Usage.Length > 0) text.Append(UsageOf(type.Usage));
        if (type.Kind == "delegate")
        {
            text.Append($"public delegate {Global(type.Bases)} {type.Name}{Global(type.DelegateParameters)};\n");
            return;
        }

        int lastWord = type.Kind.LastIndexOf(' ') + 1;
        string partial = type.Kind == "enum" ? "" : "partial ";
        text.Append($"public {type.Kind[..lastWord]}{partial}{type.Kind[lastWord..]} {type.Name}");
        if (type.Bases.Length > 0) text.Append(" : ").Append(Global(type.Bases));
        text.Append(" {\n");
        foreach (ApiMember member in type.Members) text.Append(Write(type, member)).Append('\n');
        // Without a listed constructor nobody outside can make one.
        if (type.Kind.EndsWith("class", StringComparison.Ordinal) && type.Kind != "static class"
            && !type.Members.Any(member => member.IsConstructor))
            text.Append($"internal {type.Name.Split('<')[0]}(){BaseCall(type)} {{ }}\n");
        text.Append("}\n");
    }

    private string Write(ApiType type, ApiMember member)
    {
        bool isInterface = type.Kind == "interface";
        string modifiers = isInterface ? "" : member.Is("protected") ? "protected " : "public ";
        if (member.Is("obsolete")) modifiers = "[global::System.Obsolete] " + modifiers;
        foreach (string tag in new[] { "static", "abstract", "virtual", "override", "const" })
        {
            if (member.Is(tag)) modifiers += tag + " ";
        }

        string body = isInterface || member.Is("abstract") ? ";" : " => throw null!;";
        return member.Kind switch
        {
            'F' when type.Kind == "enum" => $"{member.Name} = {member.Value},",
            'F' => $"{modifiers}{Global(member.Result)} {member.Name} = {member.Value};",
            'P' => $"{modifiers}{Global(member.Result)} {member.Name} {{ {member.Accessors} }}",
            _ when member.IsConstructor =>
                $"{modifiers}{type.Name.Split('<')[0]}{Global(member.Parameters)}{BaseCall(type)} => throw null!;",
            _ => $"{modifiers}{Global(member.Result)} {member.Name}{Global(member.Parameters + member.Where)}{body}",
        };
    }

    private string BaseCall(ApiType type)
    {
        string parent = type.Bases.Split(", ")[0];
        if (!_types.TryGetValue(parent, out ApiType? listed) || listed.Kind == "interface") return "";
        ApiMember? least = listed.Members.Where(member => member.IsConstructor).MinBy(m => m.Parameters.Length);
        return least is null or { Parameters: "()" }
            ? ""
            : $" : base({string.Join(", ", least.Parameters.Split(", ").Select(_ => "default!"))})";
    }

    private static string UsageOf(string usage)
    {
        string[] parts = usage.Split("; ");
        string targets = string.Join(" | ", parts[0].Split('|').Select(t => "global::System.AttributeTargets." + t));
        string multiple = parts.Contains("multiple") ? ", AllowMultiple = true" : "";
        string inherited = parts.Contains("not inherited") ? ", Inherited = false" : "";
        return $"[global::System.AttributeUsage({targets}{multiple}{inherited})]\n";
    }

    // Inside Microsoft.Azure.*, a bare "Azure." would be another namespace.
    private static string Global(string text) => Root().Replace(text, "global::$0");

    [GeneratedRegex(@"(?<![\w.])(Microsoft|System|Azure)\.")]
    private static partial Regex Root();
}
