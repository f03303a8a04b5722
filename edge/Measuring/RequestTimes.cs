namespace Pipeline.Edge.Measuring;

/// <summary>Where the time of one answer went, in ticks of the stopwatch.</summary>
/// <param name="QueueTicks">Until a lane took it.</param>
/// <param name="BatchTicks">Waiting for its batch to fill, and laying it together.</param>
/// <param name="ExecuteTicks">The run.</param>
/// <param name="TotalTicks">From the whole body to the answer.</param>
internal readonly record struct RequestTimes(long QueueTicks, long BatchTicks, long ExecuteTicks, long TotalTicks);
