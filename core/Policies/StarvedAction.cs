namespace Pipeline.Core.Policies;

/// <summary>What becomes of a step that waited too long for its samples. Stored by name: add only.</summary>
public enum StarvedAction
{
    /// <summary>A person decides.</summary>
    Hold,

    /// <summary>The rollout goes on: the gates have passed, and nobody is there to be hurt.</summary>
    Promote,

    /// <summary>The candidate goes back.</summary>
    Withdraw,
}
