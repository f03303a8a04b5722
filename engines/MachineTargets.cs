using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Engines;

/// <summary>The processor targets that this machine runs.</summary>
public static class MachineTargets
{
    public const string X64Avx512 = "cpu-x64-avx512";
    public const string X64Avx2 = "cpu-x64-avx2";
    public const string Arm64 = "cpu-arm64";

    /// <summary>The closest target first: a machine with AVX-512 also runs what was built for AVX2.</summary>
    public static ImmutableArray<string> Processor { get; } = Find();

    private static ImmutableArray<string> Find()
    {
        if (RuntimeInformation.ProcessArchitecture == Architecture.Arm64) return AdvSimd.IsSupported ? [Arm64] : [];
        bool avx2 = Avx2.IsSupported && Fma.IsSupported;
        bool avx512 = avx2 && Avx512F.VL.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported;
        return avx512 ? [X64Avx512, X64Avx2] : avx2 ? [X64Avx2] : [];
    }
}
