namespace Pipeline.Engines.Tests;

/// <summary>Finds length-delimited protobuf fields by their path of numbers, as ranges of the file.</summary>
internal static class OnnxFields
{
    public static IEnumerable<Range> Of(byte[] file, params int[] path)
    {
        IEnumerable<Range> found = [0..file.Length];
        foreach (int field in path)
        {
            found = found.SelectMany(r => Children(file, r).Where(c => c.Field == field).Select(c => c.At));
        }

        return found;
    }

    /// <summary>Fields of one message; a varint's range is empty and its value is given.</summary>
    public static IEnumerable<(int Field, Range At, long Value)> Children(byte[] file, Range message)
    {
        int at = message.Start.Value;
        while (at < message.End.Value)
        {
            long tag = Varint(file, ref at);
            int field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return (field, at..at, Varint(file, ref at));
                    break;
                case 2:
                    int length = (int)Varint(file, ref at);
                    yield return (field, at..(at + length), 0);
                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                case 1:
                    at += 8;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {tag & 7} at {at}.");
            }
        }
    }

    private static long Varint(byte[] file, ref int at)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = file[at++];
            value |= (long)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }
}
