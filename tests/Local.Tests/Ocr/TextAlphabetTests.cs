using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Local.Ocr;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Ocr;

public sealed class TextAlphabetTests
{
    // Classes: 0 blank, 1 'a', 2 'b', 3 space.
    private static readonly TextAlphabet Alphabet = TextAlphabet.Parse("a\nb\n");

    [Theory]
    [InlineData("", "")]
    [InlineData("0 0 0", "")]
    [InlineData("1 1 2 2 2", "ab")]
    [InlineData("1 0 1", "aa")]
    [InlineData("0 1 0 3 0 2 0", "a b")]
    [InlineData("1 2 1 2", "abab")]
    public void Decode_BestClasses_MergesRepeatsAndDropsBlanks(string classes, string text)
    {
        int[] best = [.. classes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        float[] scores = [.. best.SelectMany(
            b => Enumerable.Range(0, Alphabet.ClassCount).Select(c => c == b ? 0.9f : 0.03f))];

        Assert.Equal(text, Alphabet.Decode(scores));
    }

    [Fact]
    public void Decode_HalfAStep_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => Alphabet.Decode(new float[Alphabet.ClassCount + 1]));

    [Fact]
    public async Task Decode_ModelsAnswerToTheRepositorysPicture_IsItsText()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        GreyPicture picture = GreyPicture.ReadPgm(await File.ReadAllBytesAsync(
            Repository.PathOf("local", "Demo", "line.pgm"), cancellationToken));
        var alphabet = TextAlphabet.Parse(await File.ReadAllTextAsync(
            Repository.OcrModel("ppocr_keys_v1.txt"), cancellationToken));
        using IEngine engine = new OnnxRuntimeBackend(new OnnxRuntimeOptions())
            .LoadReference(Repository.OcrModel("ch_PP-OCRv4_rec_infer.onnx"), cancellationToken);

        using EngineOutputs outputs = engine.Run(
            [Tensor.Copy<float>("x", TextLine.InputOf(picture), TextLine.ShapeOf(picture))], cancellationToken);

        Assert.Equal("The gate has passed.", alphabet.Decode(
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(outputs.Data(0))));
    }
}
