using Azure;

namespace Pipeline.Cloud.Promotions;

/// <summary>The head row of a model: the number that its next accepted version gets.</summary>
/// <param name="NextNumber">From 1.</param>
/// <param name="ETag">Null while no version was accepted.</param>
public sealed record AcceptanceHead(long NextNumber, ETag? ETag);
