using System.Text.Json.Serialization;

namespace Pipeline.Core.Naming;

/// <summary>Where an engine runs: a hardware target and the runtime, with its exact version, that builds and runs it.</summary>
/// <param name="Target">Hardware, such as <c>sm_75</c>, <c>sm_90-h200</c> or <c>cpu-x64-avx2</c>.</param>
/// <param name="Runtime">Runtime with version, such as <c>ort-1.29.0-cpu</c>.</param>
[JsonConverter(typeof(LaneJsonConverter))]
public readonly record struct Lane(string Target, string Runtime) : IComparable<Lane>
{
    /// <summary>Whether a double stands in for its hardware.</summary>
    public bool IsSimulated => Names.IsSimulated(Runtime);

    /// <summary>Reads <c>target/runtime</c>; false when either part is not a valid name.</summary>
    public static bool TryParse(string? text, out Lane lane)
    {
        lane = default;
        string[] parts = text?.Split('/') ?? [];
        if (parts is not [var target, var runtime] || !Names.IsTarget(target) || !Names.IsRuntime(runtime)) return false;
        lane = new Lane(target, runtime);
        return true;
    }

    /// <summary>Reads <c>target/runtime</c>.</summary>
    /// <exception cref="FormatException">The text is not a lane.</exception>
    public static Lane Parse(string text) => TryParse(text, out Lane lane)
        ? lane
        : throw new FormatException($"'{text}' is not a lane; write target/runtime, such as 'cpu-x64-avx2/ort-1.29.0-cpu'.");

    public int CompareTo(Lane other) => string.CompareOrdinal(ToString(), other.ToString());

    public override string ToString() => $"{Target}/{Runtime}";

    public static bool operator <(Lane left, Lane right) => left.CompareTo(right) < 0;

    public static bool operator >(Lane left, Lane right) => left.CompareTo(right) > 0;

    public static bool operator <=(Lane left, Lane right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Lane left, Lane right) => left.CompareTo(right) >= 0;
}
