using System.Globalization;
using System.Text;

namespace Pipeline.Edge.Tests.Support;

/// <summary>A strict reader of the Prometheus text format: whatever a scraper might trip over fails here.</summary>
internal sealed class Exposition
{
    private readonly Dictionary<string, string> types = new(StringComparer.Ordinal);
    private readonly HashSet<string> helped = new(StringComparer.Ordinal);
    private readonly List<ExpositionSample> samples = [];
    private string family = "";

    private Exposition()
    {
    }

    public IReadOnlyDictionary<string, string> Types => types;

    public IReadOnlyList<ExpositionSample> Samples => samples;

    public static Exposition Read(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        var read = new Exposition();
        foreach (string line in text[..^1].Split('\n')) read.ReadLine(line);
        Assert.Equal(read.samples.Count, read.samples.Select(s => s.Series).Distinct().Count());
        read.CheckHistograms();
        return read;
    }

    /// <summary>The one value with these labels, among others.</summary>
    public double Value(string name, params (string Name, string Value)[] labels) => Assert.Single(
        samples, s => s.Name == name && labels.All(l => s.Labels.GetValueOrDefault(l.Name) == l.Value)).Value;

    public bool Has(string name) => samples.Any(s => s.Name == name);

    private void ReadLine(string line)
    {
        string[] words = line.Split(' ');
        if (words[0] == "#" && words[1] == "HELP")
        {
            Assert.True(helped.Add(words[2]), $"a second HELP: {line}");
            Assert.True(words.Length > 3, $"no text: {line}");
            Assert.DoesNotContain('\\', line);
            family = words[2];
        }
        else if (words[0] == "#" && words[1] == "TYPE")
        {
            Assert.Equal(family, words[2]);
            Assert.Contains(words[3], new[] { "counter", "gauge", "histogram" });
            Assert.Equal(4, words.Length);
            Assert.True(types.TryAdd(family, words[3]), $"a second TYPE: {line}");
            if (words[3] == "counter") Assert.EndsWith("_total", family, StringComparison.Ordinal);
        }
        else
        {
            samples.Add(ReadSample(line));
        }
    }

    private ExpositionSample ReadSample(string line)
    {
        int at = 0;
        string name = ReadName(line, ref at, colons: true);
        string suffix = types[family] == "histogram" ? name[family.Length..] : "";
        Assert.Equal(family + suffix, name);
        if (types[family] == "histogram") Assert.Contains(suffix, new[] { "_bucket", "_sum", "_count" });
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (line[at] == '{')
        {
            do
            {
                at++;
                string label = ReadName(line, ref at, colons: false);
                Assert.Equal("=\"", line[at..(at + 2)]);
                at += 2;
                Assert.True(labels.TryAdd(label, ReadQuoted(line, ref at)), $"a label twice: {line}");
            }
            while (line[at] == ',');
            Assert.Equal('}', line[at++]);
        }

        Assert.Equal(' ', line[at++]);
        return new ExpositionSample(name, labels, Number(line[at..]));
    }

    private static string ReadName(string line, ref int at, bool colons)
    {
        int start = at;
        while (at < line.Length && (char.IsAsciiLetterOrDigit(line[at]) || line[at] == '_' || (colons && line[at] == ':'))) at++;
        Assert.True(at > start && !char.IsAsciiDigit(line[start]), $"no name at {start}: {line}");
        return line[start..at];
    }

    private static string ReadQuoted(string line, ref int at)
    {
        var value = new StringBuilder();
        for (; line[at] != '"'; at++)
        {
            if (line[at] != '\\')
            {
                value.Append(line[at]);
                continue;
            }

            at++;
            value.Append(line[at] switch
            {
                'n' => '\n',
                '\\' or '"' => line[at],
                _ => throw new FormatException($"Not an escape at {at}: {line}"),
            });
        }

        at++;
        return value.ToString();
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(
            text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture),
    };

    private void CheckHistograms()
    {
        foreach (string histogram in types.Where(t => t.Value == "histogram").Select(t => t.Key))
        {
            foreach (ExpositionSample count in samples.Where(s => s.Name == histogram + "_count"))
            {
                ExpositionSample[] buckets = [.. samples.Where(s => s.Name == histogram + "_bucket" && SameButBound(s, count))];
                double[] bounds = [.. buckets.Select(b => Number(b.Labels["le"]))];
                Assert.Equal(bounds.Distinct().Order(), bounds);
                Assert.Equal(buckets.Select(b => b.Value).Order(), buckets.Select(b => b.Value));
                Assert.Equal(double.PositiveInfinity, bounds[^1]);
                Assert.Equal(count.Value, buckets[^1].Value);
                Assert.Single(samples, s => s.Name == histogram + "_sum" && SameButBound(s, count));
            }
        }
    }

    private static bool SameButBound(ExpositionSample sample, ExpositionSample count) =>
        sample.Labels.Where(l => l.Key != "le").SequenceEqual(count.Labels);
}
