using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Core.Gates;

/// <summary>What a reader of device times should know, as trtexec warns. Pure; judges nothing.</summary>
public static class BenchmarkWarnings
{
    private const double EnqueueShareMaximum = 0.8;
    private const double VariationPercentMaximum = 2.5;

    public static ImmutableArray<string> Of(DevicePhases phases)
    {
        double compute = phases.Compute.P50Milliseconds;
        var warnings = ImmutableArray.CreateBuilder<string>();
        if (phases.Enqueue.P50Milliseconds > EnqueueShareMaximum * compute)
        {
            warnings.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Bound by enqueueing: the host takes {phases.Enqueue.P50Milliseconds:0.###} ms for {compute:0.###} ms of compute; "
                + $"CUDA graphs may help."));
        }

        Transfer(warnings, "to the device", phases.CopyToDevice.P50Milliseconds, compute);
        Transfer(warnings, "to the host", phases.CopyToHost.P50Milliseconds, compute);
        if (phases.Compute.CoefficientOfVariationPercent > VariationPercentMaximum)
        {
            warnings.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Unstable: the compute time varies by {phases.Compute.CoefficientOfVariationPercent:0.#} %; "
                + $"locked clocks or an idle GPU may help."));
        }

        return warnings.ToImmutable();
    }

    private static void Transfer(ImmutableArray<string>.Builder warnings, string where, double copy, double compute)
    {
        if (copy < compute) return;
        warnings.Add(string.Create(
            CultureInfo.InvariantCulture, $"Bound by transfers: the copy {where} takes {copy:0.###} ms, compute {compute:0.###} ms."));
    }
}
