using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;

namespace Pipeline.Engines.Profiles;

/// <summary>Fits a policy's shape profiles to an engine's inputs. Pure.</summary>
public static class ShapeProfiles
{
    public const string DefaultName = "default";

    /// <summary>Largest input that a profile may ask for, in bytes.</summary>
    public const long InputSizeBytesMaximum = 1L << 30;

    /// <summary>The profiles, each checked; without any, one named default with every free dimension 1.</summary>
    /// <exception cref="EngineException">
    /// ProfileFailed: the sentence names the profile, the input and what to change.
    /// </exception>
    public static ImmutableArray<ShapeProfile> Resolve(
        ImmutableArray<TensorDescription> inputs, ImmutableArray<ShapeProfile> profiles)
    {
        if (profiles.IsEmpty) return [Default(inputs)];
        foreach (ShapeProfile profile in profiles) Check(profile, inputs);
        return profiles;
    }

    /// <summary>The shapes of one size, by input name.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<long>> Shapes(
        this ShapeProfile profile, ProfileSize size) =>
        profile.Inputs.ToImmutableSortedDictionary(
            i => i.Key,
            i => size switch
            {
                ProfileSize.Minimum => i.Value.Minimum,
                ProfileSize.Typical => i.Value.Typical,
                _ => i.Value.Maximum,
            },
            StringComparer.Ordinal);

    private static ShapeProfile Default(ImmutableArray<TensorDescription> inputs) => new()
    {
        Name = DefaultName,
        Inputs = inputs.ToImmutableSortedDictionary(
            i => i.Name,
            i =>
            {
                ImmutableArray<long> shape = [.. i.Shape.Select(d => d < 0 ? 1 : d)];
                return new ShapeRange { Minimum = shape, Typical = shape, Maximum = shape };
            },
            StringComparer.Ordinal),
    };

    private static void Check(ShapeProfile profile, ImmutableArray<TensorDescription> inputs)
    {
        foreach (string name in profile.Inputs.Keys)
        {
            if (inputs.Any(i => i.Name == name)) continue;
            string known = string.Join("', '", inputs.Select(i => i.Name));
            throw Failed(profile, $"names input '{name}', which the model does not have; its inputs are '{known}'");
        }

        foreach (TensorDescription input in inputs)
        {
            if (!profile.Inputs.TryGetValue(input.Name, out ShapeRange? range))
            {
                throw Failed(profile, $"lacks input '{input.Name}'; give its minimum, typical and maximum shape");
            }

            CheckShape(profile, input, "minimum", range.Minimum);
            CheckShape(profile, input, "typical", range.Typical);
            CheckShape(profile, input, "maximum", range.Maximum);
        }
    }

    private static void CheckShape(
        ShapeProfile profile, TensorDescription input, string size, ImmutableArray<long> shape)
    {
        string said = $"says the {size} shape [{string.Join(", ", shape)}] for input '{input.Name}'";
        string declared = $"the model declares [{string.Join(", ", input.Shape)}], -1 being free";
        if (shape.Length != input.Shape.Length)
        {
            throw Failed(profile, $"{said}, with {shape.Length} dimensions; {declared}");
        }

        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] < 1) throw Failed(profile, $"{said}; every dimension must be at least 1");
            if (input.Shape[i] >= 0 && shape[i] != input.Shape[i])
            {
                throw Failed(profile, $"{said}, but dimension {i} is fixed: {declared}");
            }
        }

        if (!ElementTypes.TryParseProtocolName(input.DataType, out ElementType type)) return;
        if (Tensor.SizeBytesOf(type, shape.AsSpan()) is < 0 or > InputSizeBytesMaximum)
        {
            throw Failed(profile, $"{said}, which is more than 1 GiB of data; make it smaller");
        }
    }

    private static EngineException Failed(ShapeProfile profile, string what) =>
        new(EngineErrorKind.ProfileFailed, $"Shape profile '{profile.Name}' {what}.");
}
