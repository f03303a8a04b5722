namespace Pipeline.Core.Naming;

/// <summary>Who did something when no signed-in person did; histories keep these names.</summary>
public static class Actors
{
    /// <summary>The pipeline itself, on evidence or a deadline.</summary>
    public const string Pipeline = "pipeline";

    /// <summary>Whoever sits at a local environment, which has no sign-in.</summary>
    public const string Local = "local";
}
