namespace Pipeline.Core.Rollouts;

/// <summary>What to do with a candidate now.</summary>
public enum RolloutAction
{
    /// <summary>Wait for time or samples.</summary>
    Wait,

    /// <summary>Take the next step's weight.</summary>
    Advance,

    /// <summary>The last step held: the candidate becomes stable.</summary>
    Promote,

    /// <summary>The candidate is worse: all traffic goes back to stable.</summary>
    Withdraw,

    /// <summary>The step waited too long for samples: a person decides.</summary>
    Hold,
}
