using System.Diagnostics;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Shadowing;

namespace Pipeline.Edge.Tests.Measuring;

public sealed class VersionStatisticsTests
{
    private readonly VersionStatistics statistics = new("add", "1");

    [Fact]
    public void Counters_OfStableAndCandidate_AreTheirSumAlone()
    {
        statistics.CountServed(RouteKind.Stable, Total(milliseconds: 1));
        statistics.CountServed(RouteKind.Candidate, Total(milliseconds: 1));
        statistics.CountServed(RouteKind.Candidate, Total(milliseconds: 20));
        statistics.CountServed(RouteKind.Shadow, Total(milliseconds: 500));
        statistics.CountError(RouteKind.Shadow, RequestErrorKind.RunFailed);
        statistics.CountServed(RouteKind.Named, Total(milliseconds: 900));
        statistics.CountError(RouteKind.Named, RequestErrorKind.RunFailed);

        VersionCounters counters = statistics.ToCounters();

        Assert.Equal(3, counters.Requests);
        Assert.Equal(0, counters.Errors);
        Assert.Equal(2, counters.Latency[LatencyHistogram.BucketOf(1)]);
        Assert.Equal(1, counters.Latency[LatencyHistogram.BucketOf(20)]);
        Assert.Equal(3, counters.Latency.Sum());
    }

    [Theory]
    [InlineData(nameof(RequestErrorKind.RunFailed), 1)]
    [InlineData(nameof(RequestErrorKind.InvalidInput), 1)]
    [InlineData(nameof(RequestErrorKind.DeadlineExceeded), 0)]
    [InlineData(nameof(RequestErrorKind.QueueFull), 0)]
    [InlineData(nameof(RequestErrorKind.ClientGone), 0)]
    public void Errors_CountAgainstTheVersion_WhenTheyAreItsOwn(string name, int counted)
    {
        RequestErrorKind kind = Enum.Parse<RequestErrorKind>(name);
        statistics.CountError(RouteKind.Candidate, kind);

        VersionCounters counters = statistics.ToCounters();

        Assert.Equal((counted, counted), (counters.Requests, counters.Errors));
        Assert.Equal(counted == 1, kind.IsOfVersion());
        Assert.Equal(1, statistics.Errors(RouteKind.Candidate, kind));
        Assert.Equal(counted, statistics.Errors(RouteKind.Candidate));
        Assert.Equal(0, statistics.Errors(RouteKind.Stable, kind));
    }

    [Fact]
    public void Shadow_OfAVersionThatNeverWasOne_IsAbsent()
    {
        statistics.CountServed(RouteKind.Candidate, Total(1));
        Assert.Null(statistics.ToCounters().Shadow);
    }

    [Fact]
    public void Shadow_OfEveryKind_IsToldApart()
    {
        for (int i = 0; i < 5; i++) statistics.CountShadow(ShadowComparison.Same, diverged: false);
        statistics.CountShadow(new ShadowComparison(false, 0.5, 3, 10, 7), diverged: true);
        statistics.CountShadow(ShadowComparison.Unlike, diverged: true);
        statistics.CountShadowError();
        for (int i = 0; i < 3; i++) statistics.CountShadowSkipped();

        VersionCounters counters = statistics.ToCounters();

        Assert.Equal(new ShadowCounters { Compared = 7, Diverged = 2, Errors = 1, Skipped = 3 }, counters.Shadow);
        Assert.Equal((0, 0), (counters.Requests, counters.Errors));
        Assert.Equal((1, 10, 7), (statistics.Shadow.Unlike, statistics.Shadow.Rows, statistics.Shadow.RowsAgreeing));
        // What no number compares moves no number.
        Assert.Equal((0.5, 3), (statistics.Shadow.CosineMinimum, statistics.Shadow.MaximumAbsoluteError));
    }

    [Fact]
    public void Times_OfEachStage_AreKeptApart()
    {
        statistics.CountServed(RouteKind.Stable, new(Ticks(1), Ticks(2), Ticks(4), Ticks(8)));
        statistics.CountServed(RouteKind.Stable, new(Ticks(1), Ticks(2), Ticks(4), Ticks(8)));

        foreach ((RequestStage stage, double milliseconds) in new[]
        {
            (RequestStage.Queue, 1.0), (RequestStage.Batch, 2), (RequestStage.Execute, 4), (RequestStage.Total, 8),
        })
        {
            Assert.Equal(2, statistics.Times(RouteKind.Stable).InBucket(stage, LatencyHistogram.BucketOf(milliseconds)));
            Assert.Equal(2 * milliseconds / 1000, statistics.Times(RouteKind.Stable).SumSeconds(stage), 9);
        }
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(4096, 12)]
    [InlineData(4097, 13)]
    [InlineData(int.MaxValue, 13)]
    public void Batch_OfASize_FallsUnderTheNextBound(int items, int bucket)
    {
        statistics.CountBatch(items);
        Assert.Equal(1, statistics.Batches.InBucket(bucket));
        Assert.Equal(items, statistics.Batches.Items);
        if (bucket < BatchSizes.BoundCount) Assert.True(items <= BatchSizes.UpperBound(bucket));
    }

    [Fact]
    public void Counting_FromManyThreads_LosesNothing()
    {
        const int threads = 8;
        const int each = 20_000;
        Thread[] all = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < each; i++)
            {
                statistics.CountServed(RouteKind.Stable, Total(1 + i % 7));
                statistics.CountError(RouteKind.Stable, RequestErrorKind.RunFailed);
                statistics.CountBatch(3);
                statistics.CountShadow(new ShadowComparison(false, 1.0 / (i + 2), i, 2, 1), i % 2 == 0);
            }
        }))];
        foreach (Thread thread in all) thread.Start();
        foreach (Thread thread in all) thread.Join();

        VersionCounters counters = statistics.ToCounters();
        const long total = (long)threads * each;
        Assert.Equal((2 * total, total), (counters.Requests, counters.Errors));
        Assert.Equal((total, total / 2), (counters.Shadow!.Compared, counters.Shadow.Diverged));
        Assert.Equal(3 * total, statistics.Batches.Items);
        Assert.Equal((1.0 / (each + 1), each - 1), (statistics.Shadow.CosineMinimum, statistics.Shadow.MaximumAbsoluteError));
    }

    [Fact]
    public void Counting_AllocatesNothing()
    {
        Count(1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Count(100_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Book_AfterManyVersions_KeepsThoseThatServeAndAFewOfTheLast()
    {
        var book = new StatisticsBook();
        VersionStatistics first = book.Of("add", "0");
        for (int i = 1; i <= 100; i++) book.Keep([first, book.Of("add", $"{i}")]);

        Assert.Equal(18, book.All.Count);
        Assert.Same(first, book.Of("add", "0"));
        Assert.Contains(book.All, s => s.Version == "99");
        Assert.DoesNotContain(book.All, s => s.Version == "50");
    }

    private void Count(int times)
    {
        for (int i = 0; i < times; i++)
        {
            statistics.CountServed(RouteKind.Stable, new(i, i, i * 1000L, i * 2000L));
            statistics.CountError(RouteKind.Candidate, RequestErrorKind.QueueFull);
            statistics.CountBatch(i);
            statistics.CountShadow(new ShadowComparison(false, 0.9, i, 1, 1), diverged: false);
            statistics.CountShadowSkipped();
        }
    }

    private static RequestTimes Total(double milliseconds) => new(0, 0, 0, Ticks(milliseconds));

    private static long Ticks(double milliseconds) => (long)(milliseconds * Stopwatch.Frequency / 1000);
}
