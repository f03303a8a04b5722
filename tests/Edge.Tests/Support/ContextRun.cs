namespace Pipeline.Edge.Tests.Support;

/// <param name="Context">The how manieth of its backend, from 1 on.</param>
/// <param name="Thread">Where it ran.</param>
/// <param name="Items">First dimension of its input.</param>
internal sealed record ContextRun(int Context, int Thread, long Items);
