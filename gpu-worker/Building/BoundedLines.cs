using System.Runtime.CompilerServices;
using System.Text;

namespace Pipeline.GpuWorker.Building;

/// <summary>Reads lines that another process writes, each cut at a bound: a line without an end must not fill the memory.</summary>
internal static class BoundedLines
{
    private const int BufferLength = 8 * 1024;

    public static async IAsyncEnumerable<string> ReadAsync(
        TextReader reader, int lengthMaximum, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        char[] buffer = new char[BufferLength];
        var line = new StringBuilder();
        int count;
        while ((count = await reader.ReadAsync(buffer, cancellationToken)) > 0)
        {
            int start = 0;
            while (start < count)
            {
                int end = Array.IndexOf(buffer, '\n', start, count - start);
                int length = (end < 0 ? count : end) - start;
                line.Append(buffer, start, Math.Min(length, lengthMaximum - line.Length));
                start += length + 1;
                if (end < 0) break;
                yield return line.ToString();
                line.Clear();
            }
        }

        if (line.Length > 0) yield return line.ToString();
    }
}
