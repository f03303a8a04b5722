using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Tests;

public sealed class EntityNamesTests
{
    private static readonly ModelVersion Id = new("ocr-rec", "4");

    [Fact]
    public void EveryName_IsFrozen()
    {
        string key = Samples.Digest("key");
        Assert.Equal("build-cpu-x64-avx2--ort-1.29.0-cpu", EntityNames.BuildQueue(Samples.Lane));
        Assert.Equal("ocr-rec|4", EntityNames.BuildsPartition(Id));
        Assert.Equal("progress|cpu-x64-avx2--ort-1.29.0-cpu", EntityNames.ProgressRow(Samples.Lane));
        Assert.Equal("version|4", EntityNames.VersionRow("4"));
        Assert.Equal("route|ocr-rec", EntityNames.RouteRow("ocr-rec"));
        Assert.Equal("history|9223372036854775806", EntityNames.HistoryRow(1));
        Assert.Equal("outbox|0000000000000000001", EntityNames.OutboxRow(1));
        Assert.Equal($"{key}/manifest.json", EntityNames.ManifestBlob(key));
        Assert.Equal($"{key}/{key}.engine", EntityNames.EngineBlob(key, key));
        Assert.Equal("cpu-x64-avx2--ort-1.29.0-cpu/timing.cache", EntityNames.TimingCacheBlob(Samples.Lane));
        Assert.Equal("ocr-rec/4/cpu-x64-avx2--ort-1.29.0-cpu.json", EntityNames.ReportBlob(Id, Samples.Lane));
        Assert.Equal("sm_90-h200.json", EntityNames.SnapshotBlob("sm_90-h200"));
        Assert.Equal("sm_90-h200.json", EntityNames.SnapshotBlob("sm_90-h200", 0));
        Assert.Equal("sm_90-h200.3.json", EntityNames.SnapshotBlob("sm_90-h200", 3));
        Assert.Equal(["models", "engines", "reports", "caches", "routes"], EntityNames.Containers);
        Assert.Equal(["Models", "Builds", "Routes", "Fleet"], EntityNames.Tables);
    }

    [Theory]
    [InlineData("sm_75/trt-11.1.0.106")]
    [InlineData("sm_90-h200/ort-1.29.0-cuda")]
    [InlineData("cpu-x64-avx2/ort-1.29.0-cpu")]
    public void LaneKey_OfAnyLane_HasAllowedCharactersAndReadsBack(string text)
    {
        Lane lane = Lane.Parse(text);

        Assert.Matches("^[A-Za-z0-9._-]+$", EntityNames.BuildQueue(lane));
        Assert.True(EntityNames.TryParseLaneKey(EntityNames.LaneKey(lane), out Lane read));
        Assert.Equal(lane, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sm_75")]
    [InlineData("sm_75--")]
    [InlineData("sm_75--trt-11.1.0.106--x")]
    [InlineData("sm_75--trt-11.1.0.106/..")]
    public void LaneKey_OfSomethingElse_DoesNotRead(string text) =>
        Assert.False(EntityNames.TryParseLaneKey(text, out _));
}
