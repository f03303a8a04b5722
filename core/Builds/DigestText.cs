using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Core.Builds;

/// <summary>
/// Adds texts to a digest as length:bytes, so that no two different lists of texts can be spelled the same.
/// </summary>
internal static class DigestText
{
    public static void Add(IncrementalHash hash, int number) =>
        Add(hash, number.ToString(CultureInfo.InvariantCulture));

    public static void Add(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":"));
        hash.AppendData(bytes);
    }
}
