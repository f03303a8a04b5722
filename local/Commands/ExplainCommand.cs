using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Pipeline.Cloud;
using Pipeline.Cloud.Engines;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;

namespace Pipeline.Local.Commands;

/// <summary><c>explain</c>: why a version is where it is, with the evidence that it was decided on.</summary>
internal static class ExplainCommand
{
    private static readonly Argument<string> Model = CommonOptions.Model();
    private static readonly Argument<string> Version = CommonOptions.Version();

    public static Command Create() =>
        new Command("explain", "Explain why a version is where it is, with the evidence") { Model, Version }
            .Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        await using RunningEnvironment environment = session.OpenEnvironment();
        var id = new ModelVersion(session.Get(Model), session.Get(Version));
        PromotionView view = await environment.Management.GetAsync(id, cancellationToken);
        ImmutableArray<BuildReport> reports = await ReportsAsync(environment, id, view, cancellationToken);
        if (session.Json)
        {
            CommandSession.WriteJson(new { promotion = view, reports });
            return ExitCodes.Ok;
        }

        TextWriter writer = CommandSession.Out;
        Promotion promotion = view.Promotion;
        writer.WriteLine(
            $"{id} is {promotion.State} since {Moments.Of(promotion.StateSince)}: {promotion.StateReason}");
        if (promotion.Hold is { } hold) writer.WriteLine($"It waits until {Moments.Of(hold.Deadline)}: {hold.Reason}");
        if (promotion.End is { } end) writer.WriteLine($"It was ended by {end.Who}: {end.Reason}");
        foreach (PromotionNotice notice in promotion.Notices)
            writer.WriteLine($"Note of {Moments.Of(notice.At)}: {notice.Text}");
        WritePolicy(writer, promotion.Policy);
        foreach (LaneView lane in view.Lanes)
            WriteLane(writer, id, lane, reports.FirstOrDefault(r => r.Lane == lane.Record.Lane));
        foreach (RouteState route in view.Routes) WriteRoute(writer, route);
        return ExitCodes.Ok;
    }

    private static async Task<ImmutableArray<BuildReport>> ReportsAsync(
        RunningEnvironment environment, ModelVersion id, PromotionView view, CancellationToken cancellationToken)
    {
        var store = new ReportStore(environment.Storage);
        var reports = ImmutableArray.CreateBuilder<BuildReport>();
        foreach (LaneRecord lane in view.Lanes.Select(l => l.Record).Where(l => l.ReportSha256 is not null))
        {
            if (await store.ReadAsync(id, lane.Lane, lane.ReportSha256!, cancellationToken) is { } report)
                reports.Add(report);
        }

        return reports.ToImmutable();
    }

    private static void WritePolicy(TextWriter writer, PromotionPolicy policy)
    {
        writer.WriteLine($"Traffic may move once {Quorum.Describe(policy)} passed" +
            (policy.ApprovalRequired ? " and somebody approved." : "."));
        if (policy.Batching is not { } batching) return;
        string most = batching.ItemsMaximum is { } items ? $"at most {items} items" : "as many items as the profiles allow";
        string padded = string.Concat(batching.Padding.Select(p => $"; '{p.Input}' padded on axis {p.Axis} to a multiple of {p.Multiple}"));
        writer.WriteLine($"Edges batch {most}, waiting {DurationText.Write(batching.Wait)}{padded}.");
    }

    private static void WriteLane(TextWriter writer, ModelVersion id, LaneView lane, BuildReport? report)
    {
        LaneRecord record = lane.Record;
        writer.WriteLine($"Lane {LaneText.Of(record.Lane)}: {lane.State} ({record.Phase}, attempt {record.Attempt})");
        if (record.Failure is { } failure) writer.WriteLine($"  failed: {failure.Kind}: {failure.Message}");
        if (record.EngineDigest is { } digest)
            writer.WriteLine($"  engine {digest}, {record.EngineSizeBytes} bytes{(record.Reused ? ", reused" : "")}");
        foreach (GateDecision decision in record.Decisions)
        {
            writer.WriteLine($"  {decision.Gate} gate: {decision.Verdict}");
            foreach (string reason in decision.Reasons) writer.WriteLine($"    {reason}");
        }

        if (report is null) return;
        string blob = $"{EntityNames.ReportsContainer}/{EntityNames.ReportBlob(id, record.Lane)}";
        writer.WriteLine($"  evidence: {blob}, SHA-256 {record.ReportSha256}");
        if (report.Worker.TryGetValue("simulated", out string? simulated)) writer.WriteLine($"    {simulated}");
        WriteEvidence(writer, report.Accuracy, report.Benchmark);
    }

    private static void WriteEvidence(TextWriter writer, AccuracyEvidence accuracy, BenchmarkEvidence benchmark)
    {
        writer.WriteLine($"    compared with {accuracy.Reference} on {accuracy.Samples} {accuracy.Inputs} samples");
        foreach (OutputAccuracy output in accuracy.Outputs)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    '{output.Name}': cosine {output.CosineMinimum:0.######}, " +
                $"largest error {output.MaximumAbsoluteError:0.###e0}, top-1 {output.Top1Agreement * 100:0.##} %"));
        }

        foreach (ProfileBenchmark profile in benchmark.Profiles)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    profile '{profile.Profile}': P50 {profile.P50Milliseconds:0.###} ms, " +
                $"P90 {profile.P90Milliseconds:0.###} ms, P99 {profile.P99Milliseconds:0.###} ms, " +
                $"{profile.ThroughputPerSecond:0.#}/s over {profile.Samples} runs, by '{benchmark.Method}'"));
            foreach (string warning in profile.Warnings ?? []) writer.WriteLine($"      {warning}");
        }
    }

    private static void WriteRoute(TextWriter writer, RouteState state)
    {
        Route route = state.Route;
        string split = route.Candidate is { } candidate
            ? $", candidate {candidate.Version} at {PromotionProgress.WeightOf(route)}"
            : "";
        writer.WriteLine($"Route {route.Model} on {route.Target}{LaneText.MarkOf(route)}: stable {route.Stable?.Version ?? "none"}{split}");
        if (state.Pin is { } pin) writer.WriteLine($"  pinned by {pin.Who} at {Moments.Of(pin.At)}: {pin.Why}");
        if (route.Shadow is { } shadow)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  shadow: {shadow.SharePercent:0.##} % of stable's requests"));
        if (state.Rollout is { } rollout) WriteRollout(writer, rollout);
        foreach (WithdrawnVersion withdrawn in state.Withdrawn)
            writer.WriteLine($"  {withdrawn.Version} was withdrawn at {Moments.Of(withdrawn.At)}: {withdrawn.Reason}");
    }

    private static void WriteRollout(TextWriter writer, RolloutState rollout)
    {
        int steps = rollout.Policy.Steps.Length;
        writer.WriteLine($"  step {rollout.Step + 1} of {steps} since {Moments.Of(rollout.StepStartedAt)}");
        if (rollout.Step < steps)
        {
            RolloutStep step = rollout.Policy.Steps[rollout.Step];
            writer.WriteLine($"  it needs {step.MinimumSamples} samples and {step.BakeTime}");
        }

        if (rollout.Evidence is { } evidence)
        {
            writer.WriteLine($"  last decided at {Moments.Of(evidence.At)}: {evidence.Action}: {evidence.Reason}");
            writer.WriteLine($"    {EvidenceText.Of(evidence)}");
        }

        if (rollout.PausedBecause is { } paused) writer.WriteLine($"  paused: {paused}");
    }
}
