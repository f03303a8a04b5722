namespace Pipeline.Local.Ocr;

/// <summary>
/// What PP-OCR's text recognition takes: a line of text 48 pixels high, any width, as floats from -1 to 1.
/// </summary>
public static class TextLine
{
    public const int Height = 48;
    private const int Channels = 3;

    public static long[] ShapeOf(GreyPicture picture) => [1, Channels, picture.Height, picture.Width];

    /// <summary>
    /// The picture as the model's input: batch, channel (blue, green, red; grey in all three), row, column.
    /// </summary>
    /// <exception cref="InvalidDataException">The picture is not 48 pixels high.</exception>
    public static float[] InputOf(GreyPicture picture)
    {
        if (picture.Height != Height)
            throw new InvalidDataException(
                $"The model reads lines {Height} pixels high; this one has {picture.Height}.");
        ReadOnlySpan<byte> pixels = picture.Pixels.Span;
        float[] input = new float[Channels * pixels.Length];
        for (int i = 0; i < pixels.Length; i++) input[i] = (pixels[i] / 255f - 0.5f) / 0.5f;
        for (int channel = 1; channel < Channels; channel++)
            input.AsSpan(0, pixels.Length).CopyTo(input.AsSpan(channel * pixels.Length));
        return input;
    }
}
