using System.Buffers.Binary;

namespace Pipeline.Engines.Simulation;

/// <summary>
/// The file of a simulated engine: a line that says what it is, a format number, two lengths, the double's plan, and ONNX Runtime's
/// engine. Nothing else reads it, as TensorRT's own engines are read by nothing here.
/// </summary>
internal readonly record struct SimulatedEngineFile(ReadOnlyMemory<byte> Plan, ReadOnlyMemory<byte> Model)
{
    private const uint Format = 1;
    private const int LengthBytes = sizeof(long);

    private static ReadOnlySpan<byte> Magic => "PIPELINE-SIMULATED-ENGINE\n"u8;

    private static int HeaderBytes => Magic.Length + sizeof(uint) + (2 * LengthBytes);

    /// <exception cref="EngineException">LoadFailed: it is none, or damaged.</exception>
    public static SimulatedEngineFile Read(ReadOnlyMemory<byte> engine)
    {
        if (engine.Length < HeaderBytes || !engine.Span.StartsWith(Magic)) throw Refused(engine, "it is no simulated engine");
        ReadOnlySpan<byte> numbers = engine.Span[Magic.Length..HeaderBytes];
        uint format = BinaryPrimitives.ReadUInt32LittleEndian(numbers);
        if (format != Format) throw Refused(engine, $"it is a simulated engine of format {format}; this program reads {Format}");
        long plan = BinaryPrimitives.ReadInt64LittleEndian(numbers[sizeof(uint)..]);
        long model = BinaryPrimitives.ReadInt64LittleEndian(numbers[(sizeof(uint) + LengthBytes)..]);
        long rest = engine.Length - HeaderBytes;
        // Each alone first: their sum may overflow.
        if (plan <= 0 || plan > rest || model <= 0 || model != rest - plan)
            throw Refused(engine, "it is a simulated engine whose lengths are not those of its parts");
        return new SimulatedEngineFile(engine.Slice(HeaderBytes, (int)plan), engine[(HeaderBytes + (int)plan)..]);
    }

    /// <summary>Writes a file of two others. It is complete, or not there.</summary>
    /// <returns>Its size in bytes.</returns>
    /// <exception cref="EngineException">EngineTooLarge: more than can be loaded.</exception>
    public static long Write(string path, string planPath, string modelPath)
    {
        using FileStream plan = File.OpenRead(planPath);
        using FileStream model = File.OpenRead(modelPath);
        long size = HeaderBytes + plan.Length + model.Length;
        if (size > Array.MaxLength)
        {
            throw new EngineException(
                EngineErrorKind.EngineTooLarge, $"The simulated engine would have {size} bytes; at most {Array.MaxLength} can be loaded.");
        }

        string unfinished = path + ".unfinished";
        try
        {
            using (FileStream file = File.Create(unfinished))
            {
                file.Write(Header(plan.Length, model.Length));
                plan.CopyTo(file);
                model.CopyTo(file);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }

        return size;
    }

    private static byte[] Header(long plan, long model)
    {
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        Span<byte> numbers = header.AsSpan(Magic.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(numbers, Format);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[sizeof(uint)..], plan);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[(sizeof(uint) + LengthBytes)..], model);
        return header;
    }

    private static EngineException Refused(ReadOnlyMemory<byte> engine, string why) =>
        new(EngineErrorKind.LoadFailed, $"The engine of {engine.Length} bytes does not load: {why}.");
}
