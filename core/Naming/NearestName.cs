namespace Pipeline.Core.Naming;

/// <summary>Suggests what a person may have meant.</summary>
internal static class NearestName
{
    /// <summary>How a sentence about an unknown name ends: the nearest known one, or all of them.</summary>
    public static string Hint(string unknown, IReadOnlyCollection<string> known)
    {
        string? nearest = known.MinBy(k => Distance(unknown, k));
        if (nearest is null) return ".";
        return Distance(unknown, nearest) <= Math.Max(2, nearest.Length / 3)
            ? $"; did you mean '{nearest}'?"
            : $"; there are {string.Join(", ", known)}.";
    }

    // Edits (insert, remove, exchange) between two names, case aside. Unknown names are cut: they come from outside.
    private static int Distance(string left, string right)
    {
        left = left[..Math.Min(left.Length, 64)];
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                bool same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                int edits = Math.Min(diagonal + (same ? 0 : 1), Math.Min(row[j], row[j - 1]) + 1);
                diagonal = row[j];
                row[j] = edits;
            }
        }

        return row[right.Length];
    }
}
