using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Onnx.Npz;

namespace Pipeline.Onnx.Tests.Npz;

public sealed class NpzTests
{
    private static readonly NpyArray[] Sample =
    [
        NpyArray.Of<float>("x", [2, 3], [1, -2, 3.5f, float.NaN, 0, 6]),
        NpyArray.Of<double>("a/b", [1], [Math.PI]),
        NpyArray.Of<Half>("half", [2], [(Half)1, (Half)2]),
        NpyArray.Of<sbyte>("i1", [1], [-1]),
        NpyArray.Of<byte>("u1", [3], [1, 2, 255]),
        NpyArray.Of<short>("i2", [1], [-2]),
        NpyArray.Of<ushort>("u2", [1], [60_000]),
        NpyArray.Of<int>("i4", [1], [-70_000]),
        NpyArray.Of<uint>("u4", [1], [4_000_000_000]),
        NpyArray.Of<long>("scalar", [], [long.MinValue]),
        NpyArray.Of<ulong>("u8", [1], [ulong.MaxValue]),
        NpyArray.Of<bool>("flags", [2, 1, 1], [true, false]),
        NpyArray.Of<float>("none", [0, 4], []),
    ];

    [Fact]
    public void Arrays_OfAllTypes_SurviveARoundTrip()
    {
        NpzContent content = NpzReader.Read(new MemoryStream(Write(Sample)), null);

        Assert.Null(content.Fault);
        Assert.Equal(Sample.Select(Describe), content.Arrays.Select(Describe));
        Assert.Equal(3.5f, content.Arrays[0].Values<float>()[2]);
    }

    [Fact]
    public void Arrays_OfAnyContent_SurviveARoundTrip() =>
        Prop.ForAll<int[], byte>((values, columns) =>
        {
            int width = (columns % 3) + 1;
            int[] whole = values[..(values.Length / width * width)];
            NpyArray array = NpyArray.Of<int>("n", [whole.Length / width, width], whole);
            NpzContent content = NpzReader.Read(new MemoryStream(Write(array)), null);
            return content.IsSound && Describe(content.Arrays.Single()) == Describe(array);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void File_WrittenTwice_HasTheSameBytes() => Assert.Equal(Write(Sample), Write(Sample));

    // What numpy itself writes, byte for byte.
    [Theory]
    [InlineData(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }")]
    [InlineData(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }")]
    [InlineData(3, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }")]
    [InlineData(1, "{'shape':(1,2),'descr':'<f4','fortran_order':False}")]
    public void Npy_AsNumpyWritesIt_IsRead(byte version, string header)
    {
        NpzContent content = Read(("x.npy", Npy(version, header, new byte[8])));

        Assert.Null(content.Fault);
        Assert.Equal(8, content.Arrays.Single().Data.Length);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", "fortran_order")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "pickled")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", "big-endian")]
    [InlineData("{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }", "'<U2'")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "'<c8'")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "structured")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "not understood")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2 2,), }", "dimension")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "dimension")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "too large")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (400000000,), }", "too large")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "ends in the middle")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "more than the 4 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", "not understood")]
    [InlineData("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", "not understood")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "not understood")]
    [InlineData("", "not understood")]
    public void Header_ThatCannotBe_IsRefusedByName(string header, string reason)
    {
        NpzContent content = Read(("x.npy", Npy(1, header, new byte[8])));

        Assert.Contains(reason, content.Fault, StringComparison.Ordinal);
        Assert.Empty(content.Arrays);
    }

    [Fact]
    public void Header_OfAnUnknownVersionOrLength_IsRefused()
    {
        Assert.Contains("version 4", Read(("x.npy", Npy(4, "{}", []))).Fault, StringComparison.Ordinal);
        byte[] huge = Npy(2, "{}", []);
        BinaryPrimitives.WriteUInt32LittleEndian(huge.AsSpan(8), uint.MaxValue);
        Assert.Contains("header of 4294967295 bytes", Read(("x.npy", huge)).Fault, StringComparison.Ordinal);
        Assert.Contains("not an npy", Read(("x.npy", new byte[100])).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_OfOtherKinds_AreRefused()
    {
        byte[] npy = Npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", new byte[8]);

        Assert.Contains("not an .npy", Read(("readme.txt", npy)).Fault, StringComparison.Ordinal);
        Assert.Contains("not an .npy", Read((".npy", npy)).Fault, StringComparison.Ordinal);
        Assert.Contains("twice", Read(("x.npy", npy), ("x.npy", npy)).Fault, StringComparison.Ordinal);
        Assert.Contains("longer than", Read((new string('x', 2000) + ".npy", npy)).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_TogetherBeyondTheLimits_AreRefused()
    {
        byte[] file = Write(Sample);

        Assert.Contains("too large", Read(file, new() { MaxTotalBytes = 30 }), StringComparison.Ordinal);
        Assert.Contains("at most 3", Read(file, new() { MaxArrays = 3 }), StringComparison.Ordinal);
        Assert.Contains("dimensions", Read(file, new() { MaxDimensions = 1 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_OfAHundredThousandEntries_IsRefusedBeforeItIsRead()
    {
        byte[] file = Write(Enumerable.Range(0, 100_000).Select(i => new NpyArray
        {
            Name = $"{i}",
            ElementType = OnnxElementType.UInt8,
            Shape = [0],
            Data = ReadOnlyMemory<byte>.Empty,
        }));

        Assert.Contains("directory is too large", Read(file, null), StringComparison.Ordinal);
    }

    [Fact]
    public void Header_PromisingAGigabyte_CostsNoGigabyte()
    {
        byte[] file = Zip(("x.npy", Npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000,), }", [1])));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.NotNull(Read(file, null));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void File_ThatIsNoZip_IsRefused()
    {
        Assert.NotNull(Read([], null));
        Assert.NotNull(Read([0xFF, 0xD8, 0xFF], null));
        Assert.NotNull(Read(Write(Sample)[..^30], null));
    }

    [Fact]
    public void File_Mutated_GivesArraysOrAFault() =>
        Prop.ForAll<int, byte>((seed, count) =>
        {
            byte[] file = Write(Sample);
            var random = new Random(seed);
            for (int i = 0; i <= count % 8; i++) file[random.Next(file.Length)] = (byte)random.Next(256);
            if (seed % 4 == 0) file = file[..random.Next(file.Length)];
            NpzContent content = NpzReader.Read(new MemoryStream(file), null);
            return content.IsSound || content.Arrays.IsEmpty;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithStartSize(1 << 30).WithEndSize(1 << 30));

    [Fact]
    public void Values_OfTheWrongTypeOrCount_Throw()
    {
        Assert.Throws<InvalidOperationException>(() => Sample[0].Values<int>().Length);
        Assert.Throws<ArgumentException>(() => NpyArray.Of<float>("x", [2, 2], [1, 2, 3]));
        Assert.Throws<NotSupportedException>(() => NpyArray.Of<char>("x", [1], ['a']));
        Assert.Throws<ArgumentException>(() => Write(Sample[0] with { Shape = [7] }));
        Assert.Throws<NotSupportedException>(() => Write(Sample[0] with { ElementType = OnnxElementType.BFloat16 }));
    }

    private static string Describe(NpyArray array) =>
        $"{array.Name} {array.ElementType} [{string.Join(',', array.Shape)}] {Convert.ToHexString(array.Data.Span)}";

    private static byte[] Write(params IEnumerable<NpyArray> arrays)
    {
        using var stream = new MemoryStream();
        NpzWriter.Write(stream, arrays);
        return stream.ToArray();
    }

    private static string? Read(byte[] file, NpzLimits? limits) => NpzReader.Read(new MemoryStream(file), limits).Fault;

    private static NpzContent Read(params (string Name, byte[] Content)[] entries) =>
        NpzReader.Read(new MemoryStream(Zip(entries)), null);

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Npy(byte version, string header, byte[] data)
    {
        byte[] length = new byte[version == 1 ? 2 : 4];
        length[0] = (byte)header.Length;
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. Encoding.Latin1.GetBytes(header), .. data];
    }
}
