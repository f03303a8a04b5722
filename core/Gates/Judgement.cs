using System.Globalization;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Gates;

/// <summary>
/// Gathers what a gate finds. A broken limit outweighs missing evidence: more evidence would not mend it. A number that is
/// not one fails, whether or not it is limited, since nothing measured correctly gives it.
/// </summary>
internal sealed class Judgement(string gate)
{
    // A model may have thousands of outputs; what is kept must fit a table row.
    private const int ReasonsMaximum = 10;

    private readonly List<string> faults = [];
    private readonly List<string> gaps = [];
    private readonly List<string> notes = [];
    private (double Margin, string Text)? tightest;

    public void Fail(string reason) => faults.Add(reason);

    public void Lack(string reason) => gaps.Add(reason);

    /// <summary>Something worth knowing that decides nothing.</summary>
    public void Note(string text) => notes.Add(text);

    public void AtMost(string subject, string quantity, double value, double? limit)
    {
        if (!IsNumber(subject, quantity, value) || limit is not { } maximum) return;
        if (value <= maximum)
        {
            Keep(maximum > 0 ? (maximum - value) / maximum : 0, $"{subject}: {quantity} {Text(value)}, at most {Text(maximum)}");
        }
        else
        {
            Fail($"{subject}: {quantity} {Text(value)} is above the limit of {Text(maximum)}.");
        }
    }

    /// <param name="best">The largest value there can be, which the margin is told by; null when there is none.</param>
    public void AtLeast(string subject, string quantity, double value, double? limit, double? best)
    {
        if (!IsNumber(subject, quantity, value) || limit is not { } minimum) return;
        if (value >= minimum)
        {
            double room = (best ?? value) - minimum;
            Keep(
                room > 0 ? (value - minimum) / (best is null ? value : room) : 0,
                $"{subject}: {quantity} {Text(value)}, at least {Text(minimum)}");
        }
        else
        {
            Fail($"{subject}: {quantity} {Text(value)} is below the limit of {Text(minimum)}.");
        }
    }

    public GateDecision Decide(string withoutLimits) => faults.Count > 0 ? Decision(Verdict.Failed, faults)
        : gaps.Count > 0 ? Decision(Verdict.Inconclusive, gaps)
        : Decision(Verdict.Passed, [Passed(withoutLimits)]);

    private string Passed(string withoutLimits) => tightest is { } tight
        ? $"Every limit holds; the tightest: {tight.Text}."
        : $"No limit is set; {withoutLimits}";

    private GateDecision Decision(Verdict verdict, List<string> found)
    {
        string[] reasons = [.. found, .. notes];
        IEnumerable<string> kept = reasons.Length <= ReasonsMaximum
            ? reasons
            : [.. reasons.Take(ReasonsMaximum), $"{reasons.Length - ReasonsMaximum} more are in the report."];
        return new GateDecision { Gate = gate, Verdict = verdict, Reasons = [.. kept.Select(r => Sentence.Bound(r))] };
    }

    private bool IsNumber(string subject, string quantity, double value)
    {
        if (!double.IsNaN(value)) return true;
        Fail($"{subject}: {quantity} is not a number.");
        return false;
    }

    private void Keep(double margin, string text)
    {
        if (tightest is not { } tight || margin < tight.Margin) tightest = (margin, text);
    }

    private static string Text(double value) => value.ToString("G7", CultureInfo.InvariantCulture);
}
