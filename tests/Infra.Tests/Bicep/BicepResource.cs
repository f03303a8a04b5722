using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>One resource of a deployment: what a declaration makes, or one turn of its loop.</summary>
internal sealed class BicepResource
{
    private readonly BicepScope scope;
    private readonly BicepStatement statement;
    private readonly JsonElement value;
    private readonly BicepResource? parent;
    private readonly BicepResource? attachedTo;
    private Dictionary<string, object?>? body;

    public BicepResource(BicepStatement statement, JsonElement value, BicepScope scope)
    {
        this.scope = scope;
        this.statement = statement;
        this.value = value;
        Type = statement.Node.GetProperty("type").GetString()!;
        Name = Member("name") is { } name
            ? (string)BicepEvaluator.Evaluate(name, scope)!
            : throw Fault("a resource needs a name.");
        parent = Member("parent") is { } p ? (BicepResource)BicepEvaluator.Evaluate(p, scope)! : null;
        attachedTo = Member("scope") is { } s ? (BicepResource)BicepEvaluator.Evaluate(s, scope)! : null;
        Id = FindId();
    }

    /// <summary>Such as <c>Microsoft.Storage/storageAccounts@2025-06-01</c>.</summary>
    public string Type { get; }

    public string TypeName => Type.Split('@')[0];

    public string Name { get; }

    public string Id { get; }

    public bool Existing => statement.Node.GetProperty("existing").GetBoolean();

    public string Place => $"{scope.Run.File.Path}:{statement.Line}";

    /// <summary>What Azure gets, without parent, scope and dependsOn.</summary>
    public Dictionary<string, object?> Body => body ??= FindBody();

    /// <summary>A value in the body, by names with dots between.</summary>
    public object? Get(string path) => path.Split('.').Aggregate(
        (object?)Body, (at, name) => at is Dictionary<string, object?> members ? members.GetValueOrDefault(name) : null);

    public object Read(string name) => name switch
    {
        "id" => Id,
        "name" => Name,
        _ => new RuntimeReference(this, [name]),
    };

    public BicepException Fault(string message) => new(scope.Run.File.Path, statement.Line, message);

    private string FindId()
    {
        string[] segments = TypeName.Split('/');
        if (TypeName == "Microsoft.Resources/resourceGroups") return $"{BicepFunctions.Subscription}/resourceGroups/{Name}";
        if (attachedTo is not null) return $"{attachedTo.Id}/providers/{TypeName}/{Name}";
        // Without a scope of its own, a role is given on the whole of what is deployed to.
        if (TypeName == "Microsoft.Authorization/roleAssignments" && scope.Run.ResourceGroup is null)
            return $"{BicepFunctions.Subscription}/providers/{TypeName}/{Name}";
        if (segments.Length == 2)
        {
            return scope.Run.ResourceGroup is { } group
                ? $"{BicepFunctions.Subscription}/resourceGroups/{group}/providers/{TypeName}/{Name}"
                : throw Fault("only a resource group can hold it; put it into a module.");
        }

        if (parent is null) throw Fault($"a '{TypeName}' needs a parent.");
        string wanted = string.Join('/', segments[..^1]);
        return parent.TypeName == wanted
            ? $"{parent.Id}/{segments[^1]}/{Name}"
            : throw Fault($"its parent is a '{parent.TypeName}', not a '{wanted}'.");
    }

    private Dictionary<string, object?> FindBody()
    {
        var members = (Dictionary<string, object?>)BicepEvaluator.Evaluate(value, scope)!;
        foreach (string ours in new[] { "parent", "scope", "dependsOn" }) members.Remove(ours);
        return members;
    }

    private JsonElement? Member(string name) => value.GetProperty("members").EnumerateArray()
        .Where(m => m.GetProperty("name").GetProperty("parts")[0].GetString() == name)
        .Select(m => (JsonElement?)m.GetProperty("value")).FirstOrDefault();
}
