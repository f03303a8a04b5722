namespace Pipeline.Edge.Loading;

/// <summary>What engines may still take of a memory: the process's own, or a device's.</summary>
/// <param name="FreeBytes">Below zero when more is taken than may be.</param>
/// <param name="DrainingBytes">What comes back when engines that are dropped have answered their last requests.</param>
/// <param name="Text">What there is and what is taken, for the sentence of a refusal.</param>
internal readonly record struct MemoryRoom(long FreeBytes, long DrainingBytes, string Text)
{
    /// <summary>The decision.</summary>
    /// <param name="neededBytes">What the engine takes.</param>
    /// <param name="replacedBytes">
    /// What the engine takes in whose place it may come; null where both must fit beside each other.
    /// </param>
    public Admission Admit(long neededBytes, long? replacedBytes)
    {
        Int128 room = FreeBytes;
        if (neededBytes <= room) return Admission.Load;
        room += DrainingBytes;
        if (neededBytes <= room) return Admission.Wait;
        return replacedBytes is { } replaced && neededBytes <= room + replaced ? Admission.SwapInPlace : Admission.Refuse;
    }
}
