using Microsoft.Extensions.Logging;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Acceptance;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Functions.Builds;
using Pipeline.Functions.Promotions;

namespace Pipeline.Functions.Uploads;

/// <summary>Turns an upload into an accepted, rejected or refused version, whatever was done about it before.</summary>
public sealed partial class UploadAcceptor(
    UploadReader uploads,
    PromotionStore promotions,
    BuildRequests builds,
    PromotionAdvancer advancer,
    DeployedLanes lanes,
    TimeProvider time,
    ILogger<UploadAcceptor> logger)
{
    // Each try reads afresh; losing this often means that something is wrong, and redelivery tries again later.
    private const int TriesMaximum = 10;

    public async Task AcceptAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        UploadFacts? upload = null;
        Stored<Promotion>? seen = null;
        for (int attempt = 0; attempt < TriesMaximum; attempt++)
        {
            Stored<Promotion>? existing = await promotions.ReadAsync(id, cancellationToken);
            // Losing the race for the model's next number alone is no reason to read gigabytes again.
            if (upload is null || existing?.ETag != seen?.ETag)
                upload = await uploads.ReadAsync(id, existing?.Value, cancellationToken);
            seen = existing;
            if (upload is null)
            {
                Log.UploadMoved(logger, id);
                return;
            }

            AcceptanceHead head = await promotions.ReadHeadAsync(id.Model, cancellationToken);
            AcceptanceDecision decision =
                Acceptance.Decide(upload, existing?.Value, head.NextNumber, lanes.All, time.GetUtcNow());
            Log.Decided(logger, id, decision.GetType().Name);
            if (await ExecuteAsync(decision, head, existing, cancellationToken))
            {
                await ContinueAsync(id, cancellationToken);
                return;
            }
        }

        throw new InvalidOperationException($"The upload '{id}' lost every race for its row; it is tried again on redelivery.");
    }

    private async Task<bool> ExecuteAsync(
        AcceptanceDecision decision, AcceptanceHead head, Stored<Promotion>? existing, CancellationToken cancellationToken)
    {
        return decision switch
        {
            AcceptanceDecision.Accept a => await promotions.AcceptAsync(a.Promotion, head, existing, cancellationToken),
            AcceptanceDecision.Reject r => await WriteAsync(r.Promotion),
            AcceptanceDecision.RefuseOverwrite o => await WriteAsync(o.Promotion),
            AcceptanceDecision.AlreadyAccepted { Changed: true } s => await WriteAsync(s.Promotion),
            _ => true,
        };

        Task<bool> WriteAsync(Promotion next) => existing is null
            ? promotions.CreateAsync(next, cancellationToken)
            : promotions.TryWriteAsync(existing, next, cancellationToken);
    }

    // Also after a crash between two of these steps: each finds what the last run left.
    private async Task ContinueAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        if (await promotions.ReadAsync(id, cancellationToken) is not { Value: { AcceptanceNumber: not null, End: null } } stored)
            return;
        await builds.SendMissingAsync(stored.Value, cancellationToken);
        await advancer.AdvanceAsync(id, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Information,
            "The upload {Id} is gone, was refused before, or was written again while it was read; its newer event decides.")]
        public static partial void UploadMoved(ILogger logger, ModelVersion id);

        [LoggerMessage(LogLevel.Information, "The upload {Id} is decided: {Kind}.")]
        public static partial void Decided(ILogger logger, ModelVersion id, string kind);
    }
}
