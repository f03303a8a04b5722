namespace Pipeline.Functions.Management;

/// <summary>What a caller may do; the application roles of the sign-in have the same names.</summary>
public enum Permission
{
    /// <summary>See everything.</summary>
    Read,

    /// <summary>Change things, and see them.</summary>
    Operate,
}
