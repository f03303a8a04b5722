using FsCheck;
using FsCheck.Fluent;
using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Writing;
using Pipeline.Testing;

namespace Pipeline.Onnx.Tests.Inspection;

/// <summary>Whatever is done to a file, the inspector answers with facts or one fault, and throws nothing.</summary>
public sealed class MutationTests
{
    private static readonly Lazy<byte[]> Classifier =
        new(() => File.ReadAllBytes(Repository.OcrModel("ch_ppocr_mobile_v2.0_cls_infer.onnx")));

    private static readonly byte[] Small = new OnnxModelWriter(OnnxExample.LinearGraph()
            .Initializer(OnnxTensor.External("e", OnnxElementType.Float, [2], "e.data", 0, 8))
            .Node("If", ["c"], ["z"], OnnxAttribute.Graph("then_branch", OnnxExample.LinearGraph())))
        .Function("f", "F", ["a"], ["b"], "Neg").ToArray();

    [Fact]
    public void RealModel_WithBytesFlipped_GivesFactsOrAFault() =>
        Prop.ForAll<int, byte>((seed, count) =>
        {
            byte[] bytes = [.. Classifier.Value];
            var random = new Random(seed);
            for (int i = 0; i <= count % 8; i++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            return Answers(bytes);
        }).Check(Seeds(300));

    [Fact]
    public void RealModel_Truncated_IsAlwaysRefused() =>
        Prop.ForAll<int>(seed =>
        {
            int length = new Random(seed).Next(Classifier.Value.Length);
            return Answers(Classifier.Value[..length]) && Inspect(Classifier.Value[..length]).Fault is not null;
        }).Check(Seeds(200));

    [Fact]
    public void SmallModel_WithAnyByteChanged_GivesFactsOrAFault()
    {
        Assert.True(Inspect(Small).IsModel);
        foreach (byte value in (byte[])[0x00, 0x01, 0x7F, 0x80, 0xFF])
        {
            for (int i = 0; i < Small.Length; i++)
            {
                byte[] changed = [.. Small];
                changed[i] = value;
                Assert.True(Answers(changed));
            }
        }
    }

    [Fact]
    public void SmallModel_WithPiecesMovedAbout_GivesFactsOrAFault() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            List<byte> bytes = [.. Small];
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int from = random.Next(bytes.Count), count = random.Next(Math.Min(40, bytes.Count - from));
                List<byte> piece = bytes.GetRange(from, count);
                if (random.Next(2) == 0) bytes.RemoveRange(from, count);
                bytes.InsertRange(random.Next(bytes.Count + 1), piece);
            }

            return Answers([.. bytes]);
        }).Check(Seeds(3000));

    [Fact]
    public void Bytes_OfNoKind_AreRefused() =>
        Prop.ForAll<byte[]>(bytes => Inspect(bytes).Fault is not null).Check(Runs(2000));

    private static bool Answers(byte[] bytes)
    {
        OnnxInspection inspection = Inspect(bytes);
        return inspection.IsModel
            ? inspection.Fault is null && inspection.Length == bytes.Length
            : inspection.Sha256 is null && inspection.Length == 0 && inspection.Fault.Message.Length is > 0 and < 400
                && inspection.Fault.Offset <= bytes.Length;
    }

    private static OnnxInspection Inspect(byte[] bytes)
    {
        // A memory stream completes at once, so nothing blocks here.
        using var stream = new MemoryStream(bytes);
        return OnnxInspector.InspectAsync(stream, null, CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Integers as large as they come: FsCheck starts small, and small seeds are few.</summary>
    private static Config Seeds(int count) => Runs(count).WithStartSize(1 << 30).WithEndSize(1 << 30);

    private static Config Runs(int count) => Config.QuickThrowOnFailure.WithMaxTest(count);
}
