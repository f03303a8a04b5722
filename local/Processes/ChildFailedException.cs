namespace Pipeline.Local.Processes;

/// <summary>A child did not start, or did not become ready. The message carries the end of its log.</summary>
public sealed class ChildFailedException(string message) : Exception(message);
