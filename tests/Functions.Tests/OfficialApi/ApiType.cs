namespace Pipeline.Functions.Tests.OfficialApi;

/// <summary>A listed type. <c>FullName</c> keeps type parameters: <c>A.B.Result&lt;T&gt;</c>.</summary>
internal sealed record ApiType(
    string FullName, string DelegateParameters, string Bases, string Kind, string Usage,
    IReadOnlyList<ApiMember> Members)
{
    public string Namespace => FullName[..FullName.Split('<')[0].LastIndexOf('.')];

    public string Name => FullName[(Namespace.Length + 1)..];
}

/// <summary>A listed member; kind M, P or F.</summary>
internal sealed record ApiMember(
    char Kind, string Type, string Name, string Parameters, string Result, string Accessors, string Value, string Tags,
    string Where)
{
    public bool IsConstructor => Name == "#ctor";

    public bool Is(string tag) => Tags.Contains($"[{tag}]", StringComparison.Ordinal);
}
