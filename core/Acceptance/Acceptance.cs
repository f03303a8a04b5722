using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;

namespace Pipeline.Core.Acceptance;

/// <summary>
/// Whether an upload becomes a version. A version is immutable: once it has its number, other bytes under its name are
/// refused, and an upload that was rejected may be tried again.
/// </summary>
public static class Acceptance
{
    // For what a request names later: another lane, and the engine that serves there.
    private const int RequestReserveBytes = 8 * 1024;

    /// <param name="existing">The version's row; null when there is none yet.</param>
    /// <param name="nextNumber">The acceptance number it gets when it is accepted.</param>
    public static AcceptanceDecision Decide(
        UploadFacts upload, Promotion? existing, long nextNumber, IReadOnlyCollection<Lane> deployed, DateTimeOffset now)
    {
        if (existing?.AcceptanceNumber is not null)
        {
            return SameBytes(upload, existing) ? Again(upload, existing, now) : Refuse(upload, existing, now);
        }

        PromotionPolicy policy = upload.Policy?.Policy ?? new PromotionPolicy();
        ImmutableArray<Lane> lanes = PolicyLanes.Choose(policy, deployed);
        var promotion = new Promotion
        {
            Model = upload.Id.Model,
            Version = upload.Id.Version,
            UploadedAt = upload.UploadedAt,
            Source = upload.Source,
            ExternalData = upload.ExternalData,
            Golden = upload.Golden,
            PolicyFile = upload.PolicyFile,
            Policy = policy,
            State = PromotionState.Accepted,
            StateReason = $"Accepted as number {nextNumber}, to be built for {Sentence.Count(lanes.Length, "lane")}.",
            StateSince = now,
            Notices = existing?.Notices ?? [],
            TraceParent = upload.TraceParent,
        };
        Promotion accepted = promotion with { AcceptanceNumber = nextNumber, AcceptedAt = now, Lanes = lanes };
        string[] reasons = [.. Reasons(upload, lanes)];
        if (reasons.Length == 0 && TooLarge(accepted, now) is { } tooLarge) reasons = [tooLarge];
        if (reasons.Length == 0) return new AcceptanceDecision.Accept(accepted);

        // Long enough for every error that a policy reading keeps, short enough for a table row.
        string reason = Sentence.Bound(string.Join(" ", reasons), 8000);
        bool known = existing?.End?.Reason == reason && existing.Source == upload.Source;
        return known
            ? new AcceptanceDecision.AlreadyAccepted(existing!, Changed: false)
            : new AcceptanceDecision.Reject(Ended(promotion, PromotionState.Rejected, reason, now));
    }

    private static IEnumerable<string> Reasons(UploadFacts upload, ImmutableArray<Lane> lanes)
    {
        if (upload.ModelFault is { } fault) yield return fault;
        foreach (string location in upload.MissingExternalData.Take(20))
        {
            yield return $"The model needs '{Sentence.Bound(location, 200)}', which is not beside it; "
                + "upload it first, then model.onnx again.";
        }

        if (upload.Policy is { Errors: { IsEmpty: false } errors })
        {
            foreach (string error in errors) yield return $"promotion.json {error}";
        }
        else if (lanes.IsEmpty)
        {
            yield return "No lane is deployed that this version could be built for; deploy a worker, then upload it again.";
        }
    }

    // Every worker is told every file: a request that fits no message would never be sent.
    private static string? TooLarge(Promotion accepted, DateTimeOffset now)
    {
        BuildRequest request = BuildPlanner.ToRequest(accepted, BuildPlanner.Plan(accepted, [], now)[0], route: null);
        int size = PipelineJson.Write(request).Length;
        int files = 1 + accepted.ExternalData.Length + accepted.Golden.Length;
        return size > BuildRequest.SizeBytesMaximum - RequestReserveBytes
            ? $"The names of its {files} files and its policy make a build request of {size} bytes; at most "
                + $"{BuildRequest.SizeBytesMaximum - RequestReserveBytes} fit a message. Upload fewer files."
            : null;
    }

    private static bool SameBytes(UploadFacts upload, Promotion existing) =>
        upload.Source.Sha256 == existing.Source.Sha256
        && upload.ExternalData.All(u => existing.ExternalData.All(e => e.Path != u.Path || e.Sha256 == u.Sha256));

    private static AcceptanceDecision.AlreadyAccepted Again(UploadFacts upload, Promotion existing, DateTimeOffset now)
    {
        // The same bytes written again have new ETags; a retried build must find them by those.
        Promotion updated = existing with
        {
            Source = Refresh(existing.Source, [upload.Source]),
            ExternalData = [.. existing.ExternalData.Select(f => Refresh(f, upload.ExternalData))],
            Golden = [.. existing.Golden.Select(f => Refresh(f, upload.Golden))],
        };
        if (upload.PolicyFile is { } policy && policy.Sha256 != existing.PolicyFile?.Sha256)
        {
            // The text names the digest, so the same upload seen twice leaves one notice.
            updated = updated.WithNotice(
                $"A later policy ({policy.Path}, SHA-256 {Digits(policy)}) is reported, never used: the policy of a version is "
                + "frozen when it is accepted.",
                now);
        }

        bool changed = updated.Notices != existing.Notices || updated.Source != existing.Source
            || !updated.ExternalData.SequenceEqual(existing.ExternalData) || !updated.Golden.SequenceEqual(existing.Golden);
        return new AcceptanceDecision.AlreadyAccepted(changed ? updated : existing, changed);
    }

    private static AcceptanceDecision.RefuseOverwrite Refuse(UploadFacts upload, Promotion existing, DateTimeOffset now)
    {
        Promotion seen = existing.RefusedETag == upload.Source.ETag
            ? existing
            : existing with { RefusedETag = upload.Source.ETag };
        Promotion updated = seen.WithNotice(
            $"Other bytes (SHA-256 {Digits(upload.Source)}) came under version '{existing.Id}' and were refused: a version never "
            + "changes. Upload them as a new version.",
            now);
        // Only a build still needs the bytes. A version that has its engines stays as it is, and may have traffic already.
        bool open = existing.End is null && existing.State is PromotionState.Accepted or PromotionState.Building;
        return new AcceptanceDecision.RefuseOverwrite(
            open ? Ended(updated, PromotionState.Failed, "overwritten while building; upload it as a new version.", now) : updated);
    }

    private static Promotion Ended(Promotion promotion, PromotionState state, string reason, DateTimeOffset now) =>
        promotion with
        {
            State = state,
            StateReason = reason,
            StateSince = now,
            Hold = null,
            End = new PromotionEnd { State = state, Reason = reason, Who = Actors.Pipeline, At = now },
        };

    private static SourceFile Refresh(SourceFile frozen, ImmutableArray<SourceFile> found) =>
        found.FirstOrDefault(f => f.Path == frozen.Path && f.Sha256 == frozen.Sha256) is { } same
            ? frozen with { ETag = same.ETag }
            : frozen;

    private static string Digits(SourceFile file) => file.Sha256[..Math.Min(12, file.Sha256.Length)];
}
