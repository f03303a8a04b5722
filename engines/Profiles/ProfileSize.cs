namespace Pipeline.Engines.Profiles;

/// <summary>Which shape of a profile's range.</summary>
public enum ProfileSize
{
    Minimum,
    Typical,
    Maximum,
}
