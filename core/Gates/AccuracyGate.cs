using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Gates;

/// <summary>Judges how far an engine's outputs are from the reference, and from the outputs the golden files state.</summary>
public static class AccuracyGate
{
    public const string Name = "accuracy";

    /// <summary>A reference whose largest value is no more than this is rounding noise, whose direction says nothing.</summary>
    public const double NoiseMaximum = 1e-6;

    public static GateDecision Judge(AccuracyEvidence evidence, AccuracyLimits limits)
    {
        var judgement = new Judgement(Name);
        if (evidence.Samples <= 0) judgement.Lack("No sample was compared.");
        if (evidence.Outputs.IsDefaultOrEmpty) judgement.Lack("No output was compared.");
        OutputAccuracy[] outputs = evidence.Outputs.IsDefault ? [] : [.. evidence.Outputs];
        OutputAccuracy[] expected = evidence.ExpectedOutputs.IsDefault ? [] : [.. evidence.ExpectedOutputs];
        foreach (OutputAccuracy output in outputs) Judge(output, $"Output '{output.Name}'", limits, judgement);
        foreach (OutputAccuracy output in expected)
        {
            Judge(output, $"Output '{output.Name}' against the golden file's own", limits, judgement);
        }

        if (outputs.Length > 0 && outputs.All(o => o.ElementCount <= 0))
        {
            judgement.Lack("Every output was empty: there was no element to compare.");
        }

        if (limits.Top1AgreementMinimum is not null && outputs.Concat(expected).All(o => o.Top1Agreement is null))
        {
            judgement.Lack("The policy asks for top-1 agreement, but no output has rows with a largest element.");
        }

        return judgement.Decide($"{Sentence.Count(evidence.Samples, $"{evidence.Inputs} sample")} compared.");
    }

    private static void Judge(OutputAccuracy output, string subject, AccuracyLimits limits, Judgement judgement)
    {
        if (output.NanCount > 0)
        {
            judgement.Fail($"{subject} has {Sentence.Count(output.NanCount, "NaN value")} where the reference has none.");
        }

        if (output.InfinityCount > 0)
        {
            judgement.Fail(
                $"{subject} has {Sentence.Count(output.InfinityCount, "infinite value")} where the reference is finite.");
        }

        if (output is { ElementCount: > 0, ReferenceMaximum: <= NoiseMaximum })
        {
            judgement.AtMost(subject, "absolute error", output.MaximumAbsoluteError, limits.AbsoluteErrorMaximum);
            judgement.Lack(
                $"{subject} was close to zero in every sample, where cosine similarity says nothing; upload golden inputs that "
                + "make it respond, with a new version.");
            return;
        }

        judgement.AtLeast(subject, "cosine similarity", output.CosineMinimum, limits.CosineMinimum, best: 1);
        judgement.AtMost(subject, "absolute error", output.MaximumAbsoluteError, limits.AbsoluteErrorMaximum);
        judgement.AtMost(subject, "relative error", output.MaximumRelativeError, limits.RelativeErrorMaximum);
        if (output.Top1Agreement is { } agreement)
        {
            judgement.AtLeast(subject, "top-1 agreement", agreement, limits.Top1AgreementMinimum, best: 1);
        }
    }
}
