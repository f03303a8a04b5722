using System.Collections.Immutable;
using Pipeline.Core.Policies;

namespace Pipeline.Edge.Tests.Support;

internal static class Profiles
{
    /// <summary>1 to so many rows of four.</summary>
    public static ShapeProfile Rows(int maximum) => new()
    {
        Name = "rows",
        Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(
            "x", new ShapeRange { Minimum = [1, 4], Typical = [1, 4], Maximum = [maximum, 4] }),
    };

    /// <summary>One input within these shapes.</summary>
    public static ShapeProfile Of(string input, ImmutableArray<long> minimum, ImmutableArray<long> maximum) => new()
    {
        Name = $"to {string.Join("x", maximum)}",
        Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(
            input, new ShapeRange { Minimum = minimum, Typical = minimum, Maximum = maximum }),
    };
}
