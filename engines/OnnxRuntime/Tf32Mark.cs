using System.Text;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// How an engine says that it was gated with TF32: an entry of the ONNX model's own metadata, at the end of the file, where it is
/// found without reading the rest. Whoever loads the engine thus computes as its gates did, whatever that program's settings are.
/// </summary>
internal static class Tf32Mark
{
    private const byte MetadataField = (14 << 3) | 2;
    private const byte KeyField = (1 << 3) | 2;
    private const byte ValueField = (2 << 3) | 2;

    private static readonly byte[] Bytes = Encode("pipeline.tf32", "1");

    /// <summary>Marks an engine file: a message of ONNX's format may be followed by further fields.</summary>
    public static void Append(string enginePath)
    {
        using FileStream file = new(enginePath, FileMode.Append, FileAccess.Write);
        file.Write(Bytes);
    }

    public static bool IsOn(ReadOnlySpan<byte> engine) => engine.EndsWith(Bytes);

    private static byte[] Encode(string key, string value)
    {
        byte[] keyBytes = Encoding.UTF8.GetBytes(key);
        byte[] valueBytes = Encoding.UTF8.GetBytes(value);
        byte[] entry = [KeyField, (byte)keyBytes.Length, .. keyBytes, ValueField, (byte)valueBytes.Length, .. valueBytes];
        return [MetadataField, (byte)entry.Length, .. entry];
    }
}
