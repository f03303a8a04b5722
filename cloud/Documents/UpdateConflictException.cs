namespace Pipeline.Cloud.Documents;

/// <summary>
/// A row changed under every one of a bounded number of tries. The work may be done again later; a queue handler lets
/// it through, so that the message is delivered again.
/// </summary>
public sealed class UpdateConflictException(string message) : Exception(message);
