using Pipeline.Local.Environments;
using Pipeline.Local.Ocr;

namespace Pipeline.Local.Demo;

/// <summary>The picture of a line of text that the repository carries, as requests to the model.</summary>
internal sealed class DemoPicture
{
    /// <summary>What stands in the picture.</summary>
    public const string Text = "The gate has passed.";

    private const string InputName = "x";

    private readonly TextAlphabet alphabet;

    private DemoPicture(TextAlphabet alphabet, GreyPicture picture)
    {
        this.alphabet = alphabet;
        Whole = Prepare(picture);
        Piece = Prepare(Crop(picture, 64));
    }

    /// <summary>The whole line.</summary>
    public InferenceBody Whole { get; }

    /// <summary>Its first letters: as small as the model takes, to send many of them.</summary>
    public InferenceBody Piece { get; }

    public static DemoPicture Load() => new(
        TextAlphabet.Parse(File.ReadAllText(RepositoryLayout.OcrModel("ppocr_keys_v1.txt"))),
        GreyPicture.ReadPgm(File.ReadAllBytes(RepositoryLayout.PathOf("local", "Demo", "line.pgm"))));

    /// <summary>The text that the model's answer stands for.</summary>
    public string Read(InferenceAnswer answer) => alphabet.Decode(answer.Output);

    private static InferenceBody Prepare(GreyPicture picture) =>
        InferenceClient.Prepare(InputName, TextLine.InputOf(picture), TextLine.ShapeOf(picture));

    private static GreyPicture Crop(GreyPicture picture, int width)
    {
        byte[] pixels = new byte[width * picture.Height];
        for (int row = 0; row < picture.Height; row++)
            picture.Pixels.Span.Slice(row * picture.Width, width).CopyTo(pixels.AsSpan(row * width));
        return picture with { Width = width, Pixels = pixels };
    }
}
