using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.Core.Policies;

/// <summary>The part <c>profiles</c> of a policy file.</summary>
internal static partial class PolicyProfiles
{
    private const int ProfilesMaximum = 16;
    private const int InputsMaximum = 64;
    private const int RankMaximum = 8;
    private const int DimensionMaximum = 10_000_000;

    /// <summary>Elements of one input's largest shape: what 4-byte elements fill 8 GiB with.</summary>
    private const long ElementsMaximum = 1L << 31;

    private static readonly string[] Parts = ["min", "typical", "max"];

    public static ImmutableArray<ShapeProfile> Read(PolicyObject root, PolicyErrors errors)
    {
        var profiles = ImmutableArray.CreateBuilder<ShapeProfile>();
        foreach ((JsonElement element, string path) in root.Array("profiles", ProfilesMaximum) ?? [])
        {
            PolicyObject? part = PolicyObject.Open(element, path, errors, ["name", "inputs"]);
            if (part is null) continue;
            part.Require("name", "inputs");
            string name = part.Text("name") ?? "";
            if (part.IsText("name") && !ProfileName().IsMatch(name))
            {
                part.Add("name", "it must be 1 to 63 letters, digits, dots, hyphens and underscores.");
            }
            else if (name.Length > 0 && profiles.Any(p => p.Name == name))
            {
                part.Add("name", $"'{name}' is there twice; each profile needs a name of its own.");
            }

            profiles.Add(new ShapeProfile { Name = name, Inputs = ReadInputs(part, errors) });
        }

        return profiles.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, ShapeRange> ReadInputs(PolicyObject profile, PolicyErrors errors)
    {
        var inputs = ImmutableSortedDictionary.CreateBuilder<string, ShapeRange>(StringComparer.Ordinal);
        if (profile.Map("inputs") is not { } map) return inputs.ToImmutable();
        int count = map.Fields.Count();
        if (count is 0 or > InputsMaximum) profile.Add("inputs", $"it names {count} inputs; name 1 to {InputsMaximum}.");
        foreach ((string name, JsonElement element) in map.Fields.Take(InputsMaximum))
        {
            string path = $"{map.Path}.{PolicyErrors.Short(name)}";
            if (PolicyObject.Open(element, path, errors, Parts) is not { } part) continue;
            part.Require(Parts);
            int before = errors.Count;
            var range = new ShapeRange
            {
                Minimum = ReadShape(part, "min", errors),
                Typical = ReadShape(part, "typical", errors),
                Maximum = ReadShape(part, "max", errors),
            };
            if (errors.Count == before && Parts.All(part.Has) && Fault(range) is { } fault) errors.Add(path, fault);
            inputs[name] = range;
        }

        return inputs.ToImmutable();
    }

    private static ImmutableArray<long> ReadShape(PolicyObject part, string name, PolicyErrors errors)
    {
        var shape = ImmutableArray.CreateBuilder<long>();
        foreach ((JsonElement element, string path) in part.Array(name, RankMaximum) ?? [])
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out long dimension))
            {
                errors.WrongType(path, "a whole number", element);
            }
            else if (dimension is < 1 or > DimensionMaximum)
            {
                errors.Add(path, $"{dimension} is not from 1 to {DimensionMaximum}.");
            }
            else
            {
                shape.Add(dimension);
            }
        }

        return shape.ToImmutable();
    }

    private static string? Fault(ShapeRange range)
    {
        int rank = range.Typical.Length;
        if (range.Minimum.Length != rank || range.Maximum.Length != rank)
        {
            return $"min, typical and max have {range.Minimum.Length}, {rank} and {range.Maximum.Length} dimensions; "
                + "they must have the same number.";
        }

        for (int axis = 0; axis < rank; axis++)
        {
            (long low, long typical, long high) = (range.Minimum[axis], range.Typical[axis], range.Maximum[axis]);
            if (low > typical || typical > high)
            {
                return $"dimension {axis} is {low}, {typical}, {high}; min, typical and max must not fall.";
            }
        }

        double elements = range.Maximum.Aggregate(1.0, (product, dimension) => product * dimension);
        return elements > ElementsMaximum
            ? $"its largest shape has {elements:0.#####e0} elements; at most {ElementsMaximum} are allowed."
            : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ProfileName();
}
