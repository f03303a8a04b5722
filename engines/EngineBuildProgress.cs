namespace Pipeline.Engines;

/// <summary>Where a build is.</summary>
/// <param name="Stage">A word such as <c>optimize</c>.</param>
/// <param name="Fraction">0 to 1, or null when the backend cannot tell.</param>
public readonly record struct EngineBuildProgress(string Stage, double? Fraction);
