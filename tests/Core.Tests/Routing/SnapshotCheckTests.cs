using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Core.Tests.Signing;

namespace Pipeline.Core.Tests.Routing;

public sealed class SnapshotCheckTests : IDisposable
{
    private static readonly RouteSnapshot Good = new()
    {
        Schema = RouteSnapshot.CurrentSchema,
        Target = Some.Cpu.Target,
        Revision = 5,
        Routes = [Some.Route(Some.Version(1), Some.Version(2)).Route],
    };

    private readonly TestKey key = new("dev");

    [Fact]
    public void Snapshot_ThatIsSignedAndWhole_IsFollowed()
    {
        SnapshotReading reading = Read(Good);
        Assert.Null(reading.Fault);
        Assert.Equal(PipelineJson.Write(Good), PipelineJson.Write(reading.Snapshot));
        Assert.Null(Read(Good with { Routes = [] }).Fault);
    }

    [Fact]
    public void Snapshot_OfALowerRevision_IsRefused()
    {
        Assert.Null(Read(Good with { Revision = 4 }, lowest: 4).Fault);
        AssertRefused(Good with { Revision = 3 }, "The snapshot has revision 3, older than the 4 that is followed.");
    }

    [Fact]
    public void Snapshot_OfAnotherTarget_IsRefused() =>
        AssertRefused(Good with { Target = "sm_75" }, "The snapshot is for target 'sm_75', not 'cpu-x64-avx2'.");

    [Fact]
    public void Snapshot_OfAnotherSchema_IsRefused() =>
        AssertRefused(Good with { Schema = 2 }, "The snapshot has schema 2; this edge reads 1.");

    [Fact]
    public void Routes_WithFaults_AreRefusedWithAllOfThem()
    {
        Route good = Good.Routes[0];
        RoutedVersion stable = good.Stable!;
        AssertRefused(
            Good with
            {
                Routes =
                [
                    good,
                    good,
                    good with { Model = "Ocr", Target = "sm_75" },
                    good with { Model = "a", CandidateWeight = 10_001 },
                    good with { Model = "b", Candidate = null },
                    good with { Model = "c", Stable = null },
                    good with { Model = "d", Stable = stable with { Version = "/", Engines = stable.Engines.Clear() } },
                    good with
                    {
                        Model = "e",
                        Stable = stable with
                        {
                            Engines = stable.Engines.Clear().Add("tvm", Some.Engine("x") with { EngineDigest = "x" }),
                        },
                    },
                ],
            },
            "Model 'ocr-rec' has two routes.",
            "Route 'Ocr': the model's name is not valid.",
            "Route 'Ocr': it is for target 'sm_75'.",
            "Route 'a': the weight 10001 is not from 0 to 10000.",
            "Route 'b': it has a weight without a candidate.",
            "Route 'c': it has a candidate without a stable version.",
            "Route 'd': the version '/' is not a valid name.",
            "Route 'd': version '/' has no engine.",
            "Route 'e': 'tvm' is not a runtime.",
            "Route 'e': version '1' has an engine for 'tvm' without key, digest or size.");
    }

    [Theory]
    [InlineData("""{"schema":1,"target":"cpu-x64-avx2","revision":5,"routes":[null]}""", "A route is null.")]
    [InlineData(
        """{"schema":1,"target":"cpu-x64-avx2","revision":5,"routes":[{"model":"a","target":"cpu-x64-avx2","stable":{"version":"1","acceptanceNumber":1,"engines":{"ort-1.29.0-cpu":null}}}]}""",
        "Route 'a': version '1' has an engine for 'ort-1.29.0-cpu' without key, digest or size.")]
    public void Payload_WithNulls_IsRefused(string payload, string fault) =>
        Assert.Equal(fault, Read(Signed(Encoding.UTF8.GetBytes(payload))).Fault);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"payloadType":null,"payload":"","signatures":[]}""")]
    [InlineData("""{"payloadType":"application/vnd.pipeline.route-snapshot.v1+json","payload":"","signatures":[null]}""")]
    [InlineData("""{"payloadType":"application/vnd.pipeline.route-snapshot.v1+json","payload":"","signatures":null}""")]
    public void Blob_ThatIsNoEnvelope_IsRefused(string json)
    {
        SnapshotReading reading = Read(Encoding.UTF8.GetBytes(json));
        Assert.Null(reading.Snapshot);
        Assert.NotNull(reading.Fault);
    }

    [Fact]
    public void Blob_TooLarge_IsRefused() =>
        Assert.Equal(
            "The snapshot has 16777217 bytes; at most 16777216 are read.",
            Read(new byte[SnapshotCheck.SizeBytesMaximum + 1]).Fault);

    /// <summary>No single changed byte of a signed snapshot is ever followed as something else.</summary>
    [Fact]
    public void Blob_WithAnyByteChanged_IsRefusedOrTheSame()
    {
        byte[] blob = Signed(PipelineJson.Write(Good));
        Prop.ForAll<int, byte>((position, value) =>
        {
            byte[] changed = [.. blob];
            changed[(position & int.MaxValue) % blob.Length] = value;
            SnapshotReading reading = Read(changed);
            return reading.Snapshot is null
                ? reading.Fault is not null
                : PipelineJson.Write(reading.Snapshot).SequenceEqual(PipelineJson.Write(Good));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(100_000));
    }

    [Fact]
    public void Statement_ForExactlyThisEngine_IsBelieved() =>
        Assert.Null(EngineCheck.Verify(Engine(), TestKey.Trust(key), "ocr-rec", "4", Some.Cpu));

    [Fact]
    public void Statement_ForAnythingElse_IsRefusedByName()
    {
        TrustedKeys keys = TestKey.Trust(key);
        Assert.Equal(
            "The engine's statement is for model 'ocr-rec', not 'ocr-det'.",
            EngineCheck.Verify(Engine(), keys, "ocr-det", "4", Some.Cpu));
        Assert.Equal(
            $"The engine's statement is for version '4', not '5' and lane '{Some.Cpu}', not '{Some.Cuda}'.",
            EngineCheck.Verify(Engine(), keys, "ocr-rec", "5", Some.Cuda));
        string other = Some.Sha256("other");
        Assert.Equal(
            $"The engine's statement is for engine '{Some.Sha256("engine")}', not '{other}'.",
            EngineCheck.Verify(Engine() with { EngineDigest = other }, keys, "ocr-rec", "4", Some.Cpu));
    }

    [Fact]
    public void Statement_OfAnUnknownKeyOrType_IsRefused()
    {
        using var stranger = new TestKey("stranger");
        Assert.NotNull(EngineCheck.Verify(Engine(), TestKey.Trust(stranger), "ocr-rec", "4", Some.Cpu));
        RoutedEngine snapshotInstead = Engine() with
        {
            Statement = key.Sign(SignedEnvelope.RouteSnapshotType, PipelineJson.Write(Good)),
        };
        Assert.NotNull(EngineCheck.Verify(snapshotInstead, TestKey.Trust(key), "ocr-rec", "4", Some.Cpu));
        RoutedEngine garbage = Engine() with { Statement = key.Sign(SignedEnvelope.EngineStatementType, "{}"u8) };
        Assert.NotNull(EngineCheck.Verify(garbage, TestKey.Trust(key), "ocr-rec", "4", Some.Cpu));
    }

    public void Dispose() => key.Dispose();

    private RoutedEngine Engine() => Some.Engine("engine") with
    {
        Statement = key.Sign(
            SignedEnvelope.EngineStatementType,
            PipelineJson.Write(new EngineStatement
            {
                Model = "ocr-rec",
                Version = "4",
                Lane = Some.Cpu,
                EngineDigest = Some.Sha256("engine"),
                EvidenceDigest = Some.Sha256("report"),
            })),
    };

    private byte[] Signed(byte[] payload) => PipelineJson.Write(key.Sign(SignedEnvelope.RouteSnapshotType, payload));

    private SnapshotReading Read(RouteSnapshot snapshot, long lowest = 4) => Read(Signed(PipelineJson.Write(snapshot)), lowest);

    private SnapshotReading Read(byte[] blob, long lowest = 4) =>
        SnapshotCheck.Read(blob, TestKey.Trust(key), Some.Cpu.Target, lowest);

    private void AssertRefused(RouteSnapshot snapshot, params string[] faults)
    {
        SnapshotReading reading = Read(snapshot);
        Assert.Null(reading.Snapshot);
        Assert.Equal(string.Join(" ", faults), reading.Fault);
    }
}
