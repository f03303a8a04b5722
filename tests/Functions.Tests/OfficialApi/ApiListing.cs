using System.Text.RegularExpressions;

namespace Pipeline.Functions.Tests.OfficialApi;

/// <summary>The public types of one official package, as tests/data/azure-api lists them.</summary>
internal sealed partial class ApiListing
{
    private ApiListing(string package, IReadOnlyList<ApiType> types) => (Package, Types) = (package, types);

    public string Package { get; }

    public IReadOnlyList<ApiType> Types { get; }

    public static ApiListing Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        ILookup<string, ApiMember> members = lines.Where(line => line.Length > 0 && line[0] is not 'T')
            .Select(ReadMember).ToLookup(member => member.Type);
        ApiType[] types = [.. lines.Where(line => line.StartsWith("T:", StringComparison.Ordinal)).Select(line =>
        {
            Match match = TypeLine().Match(line);
            if (!match.Success) throw new FormatException($"'{path}' has the line '{line}', which is no type.");
            return new ApiType(
                match.Groups["name"].Value, match.Groups["parameters"].Value, match.Groups["bases"].Value,
                match.Groups["kind"].Value, match.Groups["usage"].Value, [.. members[match.Groups["name"].Value]]);
        })];
        string? orphan = members.Select(group => group.Key).Except(types.Select(t => t.FullName)).FirstOrDefault();
        return orphan is null
            ? new ApiListing(Path.GetFileNameWithoutExtension(path), types)
            : throw new FormatException($"'{path}' lists members of '{orphan}', but not the type.");
    }

    private static ApiMember ReadMember(string line)
    {
        Match match = MemberLine().Match(line);
        return match.Success
            ? new ApiMember(
                line[0], match.Groups["type"].Value, match.Groups["name"].Value, match.Groups["parameters"].Value,
                match.Groups["result"].Value, match.Groups["accessors"].Value, match.Groups["value"].Value,
                match.Groups["tags"].Value, match.Groups["where"].Value)
            : throw new FormatException($"The line '{line}' is no member.");
    }

    [GeneratedRegex(@"^T:(?<name>[\w.]+(<[\w, ]+>)?)(?<parameters>\(.*\))?( : (?<bases>.+?))? \[(?<kind>[a-z ]+)\]"
        + @"( \{usage: (?<usage>.+)\})?$")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^[MPF]:(?<type>[\w.]+(<[\w, ]+>)?)\.(?<name>#?\w+(<[\w, ]+>)?)(?<parameters>\(.*?\)(?= :| \[|$))?"
        + @"( : (?<result>[^ {=]+(<.*?>\??)?))?( \{(?<accessors>[a-z; ]+)\})?( = (?<value>\S+))?"
        + @"(?<tags>( \[[a-z]+\])*)(?<where> where .+)?$")]
    private static partial Regex MemberLine();
}
