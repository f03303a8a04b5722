using Pipeline.Core.Fleet;
using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Measuring;

/// <summary>Writes what versions counted, for those route kinds that they had a request as.</summary>
/// <param name="labelsOf">The labels of a model's version.</param>
internal sealed class VersionMetrics(
    ExpositionText text, IReadOnlyCollection<VersionStatistics> versions, Func<string, string, string> labelsOf)
{
    /// <summary>Every eighth bound of the histogram is told, which doubles in two steps; the counts below them are exact.</summary>
    private const int BoundStride = LatencyHistogram.BucketsPerDoubling / 2;

    private readonly Series[] series =
    [
        .. from version in versions
           from kind in Enum.GetValues<RouteKind>()
           where version.Times(kind).Count > 0 || Enum.GetValues<RequestErrorKind>().Any(e => version.Errors(kind, e) > 0)
           select new Series(version, kind, $"{labelsOf(version.Model, version.Version)},kind=\"{kind.Word()}\""),
    ];

    public void Write()
    {
        text.Family("edge_requests_total", "counter", "Requests that a version answered, or failed on our side.");
        foreach ((VersionStatistics version, RouteKind kind, string labels) in series)
            text.Sample(labels, version.Times(kind).Count + version.Errors(kind));
        text.Family("edge_errors_total", "counter", "Requests that got no answer from their version, by why.");
        foreach ((VersionStatistics version, RouteKind kind, string labels) in series)
        {
            foreach (RequestErrorKind error in Enum.GetValues<RequestErrorKind>())
                text.Sample($"{labels},error=\"{error.Word()}\"", version.Errors(kind, error));
        }

        text.Family("edge_latency_seconds", "histogram", "Time of answered requests on our side, by stage.");
        foreach ((VersionStatistics version, RouteKind kind, string labels) in series)
        {
            foreach (RequestStage stage in Enum.GetValues<RequestStage>())
                WriteLatency($"{labels},stage=\"{stage.Word()}\"", version.Times(kind), stage);
        }

        text.Family("edge_batch_items", "histogram", "Items of one run.");
        foreach (VersionStatistics version in versions)
            WriteBatches(labelsOf(version.Model, version.Version), version.Batches);
        WriteShadows();
    }

    private void WriteLatency(string labels, StageTimes times, RequestStage stage)
    {
        long below = 0;
        for (int bucket = 0; bucket < LatencyHistogram.BucketCount - 1; bucket++)
        {
            below += times.InBucket(stage, bucket);
            if (bucket % BoundStride != 0) continue;
            string bound = ExpositionText.Number(LatencyHistogram.UpperBoundsMilliseconds[bucket] / 1000);
            text.Sample($"{labels},le=\"{bound}\"", below, "_bucket");
        }

        long count = below + times.InBucket(stage, LatencyHistogram.BucketCount - 1);
        text.Sample(labels + ",le=\"+Inf\"", count, "_bucket");
        text.Sample(labels, times.SumSeconds(stage), "_sum");
        text.Sample(labels, count, "_count");
    }

    private void WriteBatches(string labels, BatchSizes batches)
    {
        long count = 0;
        for (int bucket = 0; bucket < BatchSizes.BoundCount; bucket++)
        {
            count += batches.InBucket(bucket);
            text.Sample($"{labels},le=\"{BatchSizes.UpperBound(bucket)}\"", count, "_bucket");
        }

        count += batches.InBucket(BatchSizes.BoundCount);
        text.Sample(labels + ",le=\"+Inf\"", count, "_bucket");
        text.Sample(labels, batches.Items, "_sum");
        text.Sample(labels, count, "_count");
    }

    private void WriteShadows()
    {
        Each("compared_total", "counter", "Shadow answers that were compared.", s => s.Compared);
        Each("diverged_total", "counter", "Compared answers outside a limit of the policy.", s => s.Diverged);
        Each("unlike_total", "counter", "Diverged answers of another shape or type, or not finite.", s => s.Unlike);
        Each("skipped_total", "counter", "Shadow requests left out: the candidate was busy.", s => s.Skipped);
        Each("rows_total", "counter", "Rows compared that name a class.", s => s.Rows);
        Each("rows_agreeing_total", "counter", "Rows that name the same class.", s => s.RowsAgreeing);
        Each("cosine_minimum", "gauge", "Smallest cosine similarity of any answer so far.", s => s.CosineMinimum);
        Each("absolute_error_maximum", "gauge", "Largest absolute error of any answer so far.", s => s.MaximumAbsoluteError);
    }

    private void Each(string name, string type, string help, Func<ShadowStatistics, double> value)
    {
        text.Family("edge_shadow_" + name, type, help);
        foreach (VersionStatistics version in versions.Where(v => v.Shadow.Compared > 0 || v.Shadow.Skipped > 0))
            text.Sample(labelsOf(version.Model, version.Version), value(version.Shadow));
    }

    private readonly record struct Series(VersionStatistics Version, RouteKind Kind, string Labels);
}
