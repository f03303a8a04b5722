using System.Collections.Immutable;
using System.Text;

namespace Pipeline.Local.Ocr;

/// <summary>
/// What each class of the recognition model stands for: the blank first, then the keys, then a space.
/// </summary>
public sealed class TextAlphabet
{
    private readonly ImmutableArray<string> classes;

    private TextAlphabet(IEnumerable<string> keys) => classes = ["", .. keys, " "];

    public int ClassCount => classes.Length;

    /// <param name="keys">One character a line, as in <c>ppocr_keys_v1.txt</c>.</param>
    public static TextAlphabet Parse(string keys) => new(keys.TrimEnd('\n').Split('\n').Select(k => k.TrimEnd('\r')));

    /// <summary>
    /// The text of one line: the best class of each step, repeats merged, blanks dropped (greedy CTC decoding).
    /// </summary>
    /// <param name="scores">One score a class, step after step.</param>
    /// <exception cref="InvalidDataException">The scores are not whole steps.</exception>
    public string Decode(ReadOnlySpan<float> scores)
    {
        if (scores.Length % ClassCount != 0)
        {
            throw new InvalidDataException(
                $"{scores.Length} scores are not whole steps of {ClassCount} classes; " +
                "another alphabet belongs to this model.");
        }

        var text = new StringBuilder();
        int before = 0;
        for (; !scores.IsEmpty; scores = scores[ClassCount..])
        {
            int best = IndexOfLargest(scores[..ClassCount]);
            if (best != before) text.Append(classes[best]);
            before = best;
        }

        return text.ToString();
    }

    private static int IndexOfLargest(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best]) best = i;
        }

        return best;
    }
}
