using System.ComponentModel.DataAnnotations;
using Pipeline.Core.Naming;

namespace Pipeline.Functions;

/// <summary>What the deployment tells the functions, from the section <c>Pipeline</c>.</summary>
public sealed class FunctionsOptions
{
    /// <summary>The deployed lanes, separated by semicolons: <c>cpu-x64-avx2/ort-1.29.0-cpu;sm_75/trt-11.1.0.106</c>.</summary>
    [Required]
    public string Lanes { get; set; } = "";

    /// <summary>Whether the platform in front validates sign-in and names the caller; off on a local environment.</summary>
    public bool PlatformSignIn { get; set; }

    /// <summary>
    /// How long a build request may lie unanswered before it is sent again, with the same MessageId; so it must be longer than
    /// the build queues' duplicate detection window (10 minutes). The default value is 15 minutes.
    /// </summary>
    public TimeSpan ResendAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The lanes, read.</summary>
    /// <exception cref="FormatException">A part is not a lane.</exception>
    public IReadOnlyList<Lane> DeployedLanes() =>
        [.. Lanes.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Lane.Parse)];
}
