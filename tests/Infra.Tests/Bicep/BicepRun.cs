using System.Text.Json;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>One evaluation of one file with its parameters: a deployment, or a module in it.</summary>
internal sealed class BicepRun
{
    private readonly BicepFolder folder;
    private readonly IReadOnlyDictionary<string, object?> given;
    private readonly Dictionary<string, object?> found = new(StringComparer.Ordinal);
    private readonly HashSet<string> underWay = new(StringComparer.Ordinal);
    private readonly BicepScope scope;
    private Dictionary<string, object?>? outputs;

    public BicepRun(
        BicepFolder folder, BicepFile file, IReadOnlyDictionary<string, object?> given, string? resourceGroup,
        IReadOnlyDictionary<string, string>? variables = null)
    {
        this.folder = folder;
        this.given = given;
        File = file;
        ResourceGroup = resourceGroup;
        Variables = variables ?? new Dictionary<string, string>();
        scope = new BicepScope(this);
        foreach (string name in given.Keys.Where(name => file.Of("param").All(p => p.Name != name)))
            throw new BicepException(file.Path, 1, $"there is no parameter '{name}'.");
        foreach ((string name, BicepStatement import) in file.Symbols.Where(s => s.Value.Kind == "import")) _ = ImportedFile(import, name);
        foreach (BicepStatement parameter in file.Of("param")) Find(parameter.Name, parameter.Node, scope);
    }

    public BicepFile File { get; }

    public string? ResourceGroup { get; }

    /// <summary>Environment variables, for a parameters file.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    public Dictionary<string, object?> Outputs => outputs ??= File.Of("output").ToDictionary(
        o => o.Name, o => Checked(o, BicepEvaluator.Evaluate(o.Value, scope)), StringComparer.Ordinal);

    /// <summary>What this run and its modules make, the existing ones that they refer to included.</summary>
    public IEnumerable<BicepResource> Resources()
    {
        foreach (BicepStatement statement in File.Statements)
        {
            if (statement.Kind == "resource")
            {
                foreach (BicepResource resource in All(Find(statement.Name, statement.Node, scope)).OfType<BicepResource>())
                    yield return resource;
            }
            else if (statement.Kind == "module")
            {
                foreach (BicepModule module in All(Find(statement.Name, statement.Node, scope)).Cast<BicepModule>())
                {
                    foreach (BicepResource resource in module.Run?.Resources() ?? []) yield return resource;
                }
            }
        }

        _ = Outputs;
    }

    /// <summary>A variable of the file; for a parameters file, a parameter.</summary>
    public object? Value(string name) => Find(name, default, scope);

    public object? Find(string name, JsonElement node, BicepScope asking)
    {
        if (found.TryGetValue(name, out object? known)) return known;
        if (!File.Symbols.TryGetValue(name, out BicepStatement? statement))
            throw BicepEvaluator.Fault(node, asking, $"there is no '{name}'.");
        if (!underWay.Add(name)) throw BicepEvaluator.Fault(node, asking, $"'{name}' depends on itself.");
        try
        {
            return found[name] = statement.Kind switch
            {
                "param" => Parameter(statement),
                "var" => BicepEvaluator.Evaluate(statement.Value, scope),
                "import" => Imported(statement, name).Value(name),
                "resource" => Expand(statement, (value, inner) => new BicepResource(statement, value, inner)),
                "module" => Expand(statement, (value, inner) => OpenModule(statement, value, inner))
                    ?? new BicepModule(statement, null),
                var kind => throw BicepEvaluator.Fault(node, asking, $"'{name}' is a {kind}, not a value."),
            };
        }
        finally
        {
            underWay.Remove(name);
        }
    }

    public bool TryCall(string name, object?[] arguments, JsonElement node, BicepScope asking, out object? result)
    {
        result = null;
        if (!File.Symbols.TryGetValue(name, out BicepStatement? statement)) return false;
        if (statement.Kind == "import") return Imported(statement, name).TryCall(name, arguments, node, asking, out result);
        if (statement.Kind != "func") return false;
        JsonElement[] parameters = [.. statement.Node.GetProperty("parameters").EnumerateArray()];
        if (parameters.Length != arguments.Length)
            throw BicepEvaluator.Fault(node, asking, $"'{name}' takes {parameters.Length} arguments.");
        BicepScope inner = scope;
        foreach ((JsonElement parameter, object? argument) in parameters.Zip(arguments))
            inner = inner.With(parameter.GetProperty("name").GetString()!, argument);
        result = BicepEvaluator.Evaluate(statement.Value, inner);
        return true;
    }

    /// <summary>What a type's name stands for, in this file or in the one that it comes from.</summary>
    public (BicepStatement Type, BicepRun Run)? FindType(string name) => File.Symbols.GetValueOrDefault(name) switch
    {
        { Kind: "type" } type => (type, this),
        { Kind: "import" } import => Imported(import, name).FindType(name),
        _ => null,
    };

    private static IEnumerable<object> All(object? value) => value is List<object?> list ? list.SelectMany(All) : value is null ? [] : [value];

    private object? Parameter(BicepStatement statement)
    {
        if (given.TryGetValue(statement.Name, out object? value)) return Checked(statement, value);
        if (statement.HasValue) return Checked(statement, BicepEvaluator.Evaluate(statement.Value, scope));
        if (statement.Node.GetProperty("type").GetProperty("kind").GetString() == "nullable") return null;
        throw new BicepException(File.Path, statement.Line, $"the parameter '{statement.Name}' is not given.");
    }

    private object? Checked(BicepStatement statement, object? value) => BicepTypes.Fault(statement.Node, value, this) is { } fault
        ? throw new BicepException(File.Path, statement.Line, $"'{statement.Name}': {fault}")
        : value;

    private BicepRun Imported(BicepStatement import, string name) =>
        new(folder, ImportedFile(import, name), new Dictionary<string, object?>(), null);

    private BicepFile ImportedFile(BicepStatement import, string name)
    {
        BicepFile file = folder.OpenFrom(File, import.Node.GetProperty("path").GetString()!);
        return file.Symbols.TryGetValue(name, out BicepStatement? target) && target.IsExported
            ? file
            : throw new BicepException(File.Path, import.Line, $"'{file.Path}' exports no '{name}'.");
    }

    // One thing, none when its condition is false, or a list of them.
    private object? Expand(BicepStatement statement, Func<JsonElement, BicepScope, object> make)
    {
        return One(statement.Value, scope);

        object? One(JsonElement value, BicepScope inner) => value.GetProperty("kind").GetString() switch
        {
            "if" => BicepEvaluator.Condition(value.GetProperty("condition"), inner) ? make(value.GetProperty("value"), inner) : null,
            "for" => BicepEvaluator.Loop(value, inner).Select(turn => One(value.GetProperty("value"), turn)).ToList(),
            _ => make(value, inner),
        };
    }

    private BicepModule OpenModule(BicepStatement statement, JsonElement value, BicepScope inner)
    {
        BicepFile file = folder.OpenFrom(File, statement.Node.GetProperty("path").GetString()!);
        // Whatever comes first must be something that exists, and a module's parameters are the only place to say what it gets.
        var members = (Dictionary<string, object?>)BicepEvaluator.Evaluate(value, inner)!;
        string[] unknown = [.. members.Keys.Except(["name", "scope", "params", "dependsOn"])];
        if (unknown.Length > 0) throw new BicepException(File.Path, statement.Line, $"a module has no '{unknown[0]}'.");
        string? group = members.GetValueOrDefault("scope") is BicepResource resource ? resource.Name : ResourceGroup;
        var parameters = (Dictionary<string, object?>?)members.GetValueOrDefault("params") ?? [];
        try
        {
            return new BicepModule(statement, new BicepRun(folder, file, parameters, group));
        }
        catch (BicepException e) when (e.Message.StartsWith(file.Path, StringComparison.Ordinal))
        {
            throw new BicepException(File.Path, statement.Line, $"module '{statement.Name}': {e.Message}");
        }
    }
}
