using System.Text;
using Pipeline.Local.Ocr;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Ocr;

public sealed class GreyPictureTests
{
    [Fact]
    public void ReadPgm_CommentsAndSpaces_AreSkipped()
    {
        byte[] file = [.. Encoding.ASCII.GetBytes("P5 # made by hand\n 3\t2\n255\n"), 1, 2, 3, 4, 5, 6];

        GreyPicture picture = GreyPicture.ReadPgm(file);

        Assert.Equal((3, 2), (picture.Width, picture.Height));
        Assert.Equal([1, 2, 3, 4, 5, 6], picture.Pixels.ToArray());
    }

    [Theory]
    [InlineData("", "not a binary portable greymap")]
    [InlineData("P2\n1 1\n255\n0", "not a binary portable greymap")]
    [InlineData("P5\n2 2\n255\nabc", "says 2 x 2 pixels, and has 3 bytes")]
    [InlineData("P5\n2 2\n255\nabcde", "says 2 x 2 pixels, and has 5 bytes")]
    [InlineData("P5\n2 2\n255", "says 2 x 2 pixels, and has 0 bytes")]
    [InlineData("P5\n2 2\n7\nabcd", "one full byte a pixel")]
    [InlineData("P5\n0 2\n255\n", "no number from 1 to 10000")]
    [InlineData("P5\n99999999 99999999\n255\n", "no number from 1 to 10000")]
    [InlineData("P5\n-1 2\n255\n", "no number from 1 to 10000")]
    [InlineData("P5", "no number from 1 to 10000")]
    public void ReadPgm_BrokenFile_SaysWhatIsWrong(string file, string fault)
    {
        var e = Assert.Throws<InvalidDataException>(() => GreyPicture.ReadPgm(Encoding.ASCII.GetBytes(file)));

        Assert.Contains(fault, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InputOf_TheRepositorysPicture_IsThreeEqualPlanesFromMinusOneToOne()
    {
        GreyPicture picture = GreyPicture.ReadPgm(await File.ReadAllBytesAsync(
            Repository.PathOf("local", "Demo", "line.pgm"), TestContext.Current.CancellationToken));

        float[] input = TextLine.InputOf(picture);

        Assert.Equal(new long[] { 1, 3, 48, picture.Width }, TextLine.ShapeOf(picture));
        int plane = picture.Width * picture.Height;
        Assert.Equal(3 * plane, input.Length);
        Assert.Equal(input[..plane], input[plane..(2 * plane)]);
        Assert.Equal(input[..plane], input[(2 * plane)..]);
        Assert.Equal(1f, input.Max());
        Assert.InRange(input.Min(), -1f, -0.5f);
    }

    [Fact]
    public void InputOf_OtherHeight_IsRefused()
    {
        var picture = new GreyPicture { Width = 1, Height = 32, Pixels = new byte[32] };

        Assert.Throws<InvalidDataException>(() => TextLine.InputOf(picture));
    }
}
