using System.Text.Json;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Policies;

/// <summary>
/// One JSON object of a policy file, read strictly: every fault becomes a sentence and reading goes on, so that a person
/// sees all of them at once. A value that is absent or faulty reads as null, and the caller keeps its default.
/// </summary>
internal sealed class PolicyObject
{
    private readonly Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private readonly PolicyErrors errors;

    private PolicyObject(string path, PolicyErrors errors) => (Path, this.errors) = (path, errors);

    public string Path { get; }

    /// <param name="known">The fields there are; null when every name may be one.</param>
    public static PolicyObject? Open(JsonElement element, string path, PolicyErrors errors, string[]? known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.WrongType(path, "an object", element);
            return null;
        }

        var result = new PolicyObject(path, errors);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string fieldPath = $"{path}.{PolicyErrors.Short(property.Name)}";
            if (known is not null && !known.Contains(property.Name, StringComparer.Ordinal))
            {
                errors.Add(fieldPath, $"there is no such field{NearestName.Hint(property.Name, known)}");
            }
            else if (!result.fields.TryAdd(property.Name, property.Value))
            {
                errors.Add(fieldPath, "the field is there twice; keep one.");
            }
        }

        return result;
    }

    public IEnumerable<KeyValuePair<string, JsonElement>> Fields => fields;

    public bool Has(string name) => fields.ContainsKey(name);

    public bool IsText(string name) =>
        fields.TryGetValue(name, out JsonElement e) && e.ValueKind == JsonValueKind.String;

    public bool IsObject(string name) =>
        fields.TryGetValue(name, out JsonElement e) && e.ValueKind == JsonValueKind.Object;

    public bool IsEmptyArray(string name) =>
        fields.TryGetValue(name, out JsonElement e) && e.ValueKind == JsonValueKind.Array && e.GetArrayLength() == 0;

    public bool IsNull(string name) => fields.TryGetValue(name, out JsonElement e) && e.ValueKind == JsonValueKind.Null;

    public void Add(string name, string fault) => errors.Add($"{Path}.{name}", fault);

    public PolicyObject? Object(string name, params string[] known) =>
        fields.TryGetValue(name, out JsonElement e) ? Open(e, $"{Path}.{name}", errors, known) : null;

    /// <summary>An object whose field names the file itself makes up.</summary>
    public PolicyObject? Map(string name) =>
        fields.TryGetValue(name, out JsonElement e) ? Open(e, $"{Path}.{name}", errors, known: null) : null;

    public void Require(params string[] names)
    {
        foreach (string name in names.Where(n => !Has(n))) Add(name, "the field is missing.");
    }

    public string? Text(string name)
    {
        if (!fields.TryGetValue(name, out JsonElement e)) return null;
        if (e.ValueKind == JsonValueKind.String) return e.GetString();
        errors.WrongType($"{Path}.{name}", "a text", e);
        return null;
    }

    public bool? Flag(string name)
    {
        if (!fields.TryGetValue(name, out JsonElement e)) return null;
        if (e.ValueKind is JsonValueKind.True or JsonValueKind.False) return e.GetBoolean();
        errors.WrongType($"{Path}.{name}", "true or false", e);
        return null;
    }

    public TimeSpan? Duration(string name, TimeSpan minimum, TimeSpan maximum)
    {
        if (Text(name) is not { } text) return null;
        if (!DurationText.TryParse(text, out TimeSpan duration))
        {
            Add(name, $"'{PolicyErrors.Short(text)}' is not a duration; write a number and ms, s, m, h or d, such as '90s'.");
            return null;
        }

        if (duration >= minimum && duration <= maximum) return duration;
        Add(name, $"{text} is not from {DurationText.Write(minimum)} to {DurationText.Write(maximum)}.");
        return null;
    }

    public int? Integer(string name, int minimum, int maximum)
    {
        if (!fields.TryGetValue(name, out JsonElement e)) return null;
        if (e.ValueKind != JsonValueKind.Number || !e.TryGetInt64(out long value))
        {
            errors.WrongType($"{Path}.{name}", "a whole number", e);
            return null;
        }

        if (value >= minimum && value <= maximum) return (int)value;
        Add(name, $"{value} is not from {minimum} to {maximum}.");
        return null;
    }

    public double? Number(string name, double minimum, double maximum)
    {
        if (!fields.TryGetValue(name, out JsonElement e)) return null;
        if (e.ValueKind != JsonValueKind.Number || !e.TryGetDouble(out double value))
        {
            errors.WrongType($"{Path}.{name}", "a number", e);
            return null;
        }

        if (value >= minimum && value <= maximum) return value;
        Add(name, $"{PolicyErrors.Short(e.GetRawText())} is not from {minimum} to {maximum}.");
        return null;
    }

    /// <summary>A limit that <c>null</c> switches off; the default when the field is absent or faulty.</summary>
    public double? Limit(string name, double minimum, double maximum, double? absent) =>
        IsNull(name) ? null : Number(name, minimum, maximum) ?? absent;

    /// <summary>The elements with their paths; null when absent, not an array, or longer than allowed.</summary>
    public List<(JsonElement Element, string Path)>? Array(string name, int lengthMaximum)
    {
        if (!fields.TryGetValue(name, out JsonElement e)) return null;
        string path = $"{Path}.{name}";
        if (e.ValueKind != JsonValueKind.Array)
        {
            errors.WrongType(path, "an array", e);
            return null;
        }

        if (e.GetArrayLength() <= lengthMaximum) return [.. e.EnumerateArray().Select((item, i) => (item, $"{path}[{i}]"))];
        errors.Add(path, $"it has {e.GetArrayLength()} entries; at most {lengthMaximum} are read.");
        return null;
    }
}
