using Azure;

namespace Pipeline.Cloud.Documents;

/// <summary>A value as it was read, with the ETag that a conditional write of it needs.</summary>
public sealed record Stored<T>(T Value, ETag ETag);
