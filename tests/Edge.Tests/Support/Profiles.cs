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
}
