namespace Pipeline.Edge.Loading;

/// <summary>What is done about an engine that is to be loaded.</summary>
internal enum Admission
{
    /// <summary>There is room.</summary>
    Load,

    /// <summary>There will be room once engines that only their last requests hold have ended.</summary>
    Wait,

    /// <summary>There is room only in the place of the engine that it replaces.</summary>
    SwapInPlace,

    /// <summary>There is no room.</summary>
    Refuse,
}
