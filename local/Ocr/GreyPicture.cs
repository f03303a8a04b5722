using System.Buffers.Text;

namespace Pipeline.Local.Ocr;

/// <summary>A picture with one byte a pixel, 0 black to 255 white, row by row.</summary>
public sealed record GreyPicture
{
    private const int SideMaximum = 10_000;

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required ReadOnlyMemory<byte> Pixels { get; init; }

    /// <summary>Reads a binary portable greymap (PGM, "P5", one byte a pixel).</summary>
    /// <exception cref="InvalidDataException">It is none, or its pixels are missing.</exception>
    public static GreyPicture ReadPgm(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        if (!bytes.StartsWith("P5"u8))
            throw new InvalidDataException("The picture is not a binary portable greymap (P5).");
        int position = 2;
        int width = ReadNumber(bytes, ref position, SideMaximum);
        int height = ReadNumber(bytes, ref position, SideMaximum);
        if (ReadNumber(bytes, ref position, byte.MaxValue) != byte.MaxValue)
            throw new InvalidDataException("The picture does not use one full byte a pixel.");
        // Exactly one white space stands between the header and the pixels.
        ReadOnlyMemory<byte> pixels = file[Math.Min(position + 1, file.Length)..];
        if (pixels.Length != (long)width * height)
        {
            throw new InvalidDataException(
                $"The picture says {width} x {height} pixels, and has {pixels.Length} bytes of them.");
        }

        return new GreyPicture { Width = width, Height = height, Pixels = pixels };
    }

    private static int ReadNumber(ReadOnlySpan<byte> bytes, ref int position, int maximum)
    {
        SkipSpaceAndComments(bytes, ref position);
        if (!Utf8Parser.TryParse(bytes[position..], out int number, out int consumed) || number < 1 || number > maximum)
            throw new InvalidDataException(
                $"The picture's header has no number from 1 to {maximum} at byte {position}.");
        position += consumed;
        return number;
    }

    private static void SkipSpaceAndComments(ReadOnlySpan<byte> bytes, ref int position)
    {
        bool comment = false;
        for (; position < bytes.Length; position++)
        {
            byte b = bytes[position];
            if (comment) comment = b != '\n';
            else if (b == '#') comment = true;
            else if (b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return;
        }
    }
}
