namespace Pipeline.Edge.Measuring;

/// <summary>Where the time of one answered request went, in Stopwatch ticks.</summary>
/// <param name="QueueTicks">Until an execution lane took it.</param>
/// <param name="BatchTicks">Waiting for others of its batch, and putting the batch together.</param>
/// <param name="ExecuteTicks">The run of its batch.</param>
/// <param name="TotalTicks">From the whole body read to the answer ready.</param>
internal readonly record struct RequestTimes(long QueueTicks, long BatchTicks, long ExecuteTicks, long TotalTicks);
