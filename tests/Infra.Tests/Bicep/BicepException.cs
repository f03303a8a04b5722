namespace Pipeline.Infra.Tests.Bicep;

/// <summary>A Bicep file that does not parse or does not evaluate: where, and what to look at.</summary>
public sealed class BicepException(string file, int line, string message) : Exception($"{file}:{line}: {message}");
