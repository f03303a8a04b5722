using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Two native arrays of texts, keys and values.</summary>
internal readonly unsafe ref struct NativeTexts
{
    private readonly nint* texts;

    public NativeTexts(ImmutableSortedDictionary<string, string> entries)
    {
        Count = entries.Count;
        texts = (nint*)NativeMemory.AllocZeroed((nuint)Math.Max(1, 2 * Count), (nuint)sizeof(nint));
        int i = 0;
        foreach ((string key, string value) in entries)
        {
            texts[i] = Marshal.StringToCoTaskMemUTF8(key);
            texts[Count + i++] = Marshal.StringToCoTaskMemUTF8(value);
        }
    }

    public int Count { get; }

    public nint* Keys => texts;

    public nint* Values => texts + Count;

    public void Dispose()
    {
        for (int i = 0; i < 2 * Count; i++) Marshal.FreeCoTaskMem(texts[i]);
        NativeMemory.Free(texts);
    }
}
