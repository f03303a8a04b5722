using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Local.Commands;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Management;

/// <summary>Watches one promotion, and tells each of its stages with the seconds since the upload.</summary>
internal sealed class PromotionFollower(RunningEnvironment environment, Narrator narrator)
{
    private static readonly TimeSpan LocalInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DeployedInterval = TimeSpan.FromSeconds(2);

    /// <summary>Follows until the promotion has ended, serves, or waits for a person.</summary>
    public async Task<PromotionView> FollowAsync(ModelVersion id, CancellationToken cancellationToken) =>
        await narrator.DuringAsync($"{id}: waiting for acceptance", async () =>
        {
            long startedAt = Stopwatch.GetTimestamp();
            var told = new HashSet<string>();
            while (true)
            {
                PromotionView? view = await environment.Management.FindAsync(id, cancellationToken);
                string seconds = Seconds(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
                if (view is not null)
                {
                    (string state, ImmutableArray<(string What, string Fraction)> parts) = PromotionProgress.Of(view);
                    string all = string.Join(", ", parts.Select(p => $"{p.What} {p.Fraction}".TrimEnd()));
                    narrator.Show($"{seconds}  {id}  {state}  {all}");
                    // Between two stages the state alone is known for a moment; that is not told twice.
                    foreach (string what in parts.Select(p => $"{state}  {p.What}").Where(told.Add))
                        narrator.Say($"{seconds}  {id}  {what}");
                    if (PromotionProgress.IsSettled(view.Promotion.State)) return view;
                }

                await Task.Delay(environment.IsDeployed ? DeployedInterval : LocalInterval, cancellationToken);
            }
        });

    /// <summary>The seconds in a column of their own.</summary>
    public static string Seconds(double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{seconds,6:0.0} s");

    /// <summary>What a settled state means for whoever waited.</summary>
    public static int ExitCodeOf(PromotionState state) =>
        state is PromotionState.Live or PromotionState.Held ? ExitCodes.Ok : ExitCodes.Failed;
}
