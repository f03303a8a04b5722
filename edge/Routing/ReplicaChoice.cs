namespace Pipeline.Edge.Routing;

/// <summary>
/// Which blob this edge reads. Edges choose at random, so that they spread over the replicas, and over those that are left when
/// one fails, without knowing of each other. An edge stays where it reads well: ETags belong to one blob.
/// </summary>
/// <param name="replicas">How many there are as far as the edge's settings know.</param>
internal sealed class ReplicaChoice(Random random, int replicas)
{
    private int count = replicas;

    public int Current { get; private set; } = random.Next(replicas);

    /// <summary>ETag of the current replica as last read; null when it was not.</summary>
    public string? KnownETag { get; set; }

    /// <summary>Takes in how many replicas the newest snapshot names.</summary>
    public void Learn(int named)
    {
        if (named == count) return;
        count = named;
        Read(random.Next(count));
    }

    /// <summary>Leaves a replica that failed for another one; the only one is kept.</summary>
    public void Leave()
    {
        if (count > 1) Read((Current + 1 + random.Next(count - 1)) % count);
    }

    private void Read(int replica)
    {
        if (replica == Current) return;
        Current = replica;
        KnownETag = null;
    }
}
