using System.Collections.Immutable;
using System.Security.Cryptography;
using Azure;
using Pipeline.Cloud.Engines;
using Pipeline.Core.Naming;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>
/// Shares the lane's timing cache between builds. It saves time and nothing else: whatever goes wrong with it becomes a line
/// of the build's log.
/// </summary>
internal sealed class TimingCaches(TimingCacheStore store)
{
    /// <summary>Brings the lane's cache to the path, where there is one.</summary>
    public async Task<FetchedTimingCache> FetchAsync(Lane lane, string path, CancellationToken cancellationToken)
    {
        try
        {
            string? etag = await store.TryFetchAsync(lane, path, cancellationToken);
            return new FetchedTimingCache(lane, path, IsKnown: true, etag, await DigestAsync(path, cancellationToken));
        }
        catch (Exception e) when (IsTrouble(e))
        {
            File.Delete(path);
            return new FetchedTimingCache(lane, path, IsKnown: false, ETag: null, Sha256: null);
        }
    }

    /// <summary>Stores what a build made of it; nothing when it left the file as it was, or made none.</summary>
    /// <returns>Lines for the build's log.</returns>
    public async Task<ImmutableArray<string>> StoreAsync(FetchedTimingCache before, CancellationToken cancellationToken)
    {
        try
        {
            string? sha256 = await DigestAsync(before.Path, cancellationToken);
            if (sha256 is null || sha256 == before.Sha256) return [];
            if (!before.IsKnown) return ["The timing cache is not stored: the stored one could not be read before."];
            long size = new FileInfo(before.Path).Length;
            if (size > TimingCacheStore.SizeBytesMaximum) return [$"The timing cache is not stored: it has {size} bytes."];
            return await store.TryStoreAsync(before.Lane, before.Path, before.ETag, cancellationToken)
                ? []
                : [await TellWinnerAsync(before, sha256, cancellationToken)];
        }
        catch (Exception e) when (IsTrouble(e))
        {
            return [$"The timing cache is not stored: {e.Message.Split('\n')[0].Trim()}"];
        }
    }

    private async Task<string> TellWinnerAsync(FetchedTimingCache before, string sha256, CancellationToken cancellationToken)
    {
        FetchedTimingCache winner = await FetchAsync(before.Lane, before.Path, cancellationToken);
        return winner.Sha256 == sha256
            ? "The timing cache is stored already: another build of the lane timed the same."
            : "The timing cache is not stored: another build of the lane stored its own meanwhile, and only a build can merge them.";
    }

    private static async Task<string?> DigestAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) return null;
        await using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }

    // An aggregate is what the client throws after its own retries.
    private static bool IsTrouble(Exception e) =>
        e is RequestFailedException or AggregateException or IOException or UnauthorizedAccessException;
}

/// <summary>The lane's timing cache before a build.</summary>
/// <param name="IsKnown">False when the store could not be read.</param>
/// <param name="ETag">Null when the store has none.</param>
/// <param name="Sha256">Of the file; null when there is none.</param>
internal sealed record FetchedTimingCache(Lane Lane, string Path, bool IsKnown, string? ETag, string? Sha256);
