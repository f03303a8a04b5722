namespace Pipeline.Core.Naming;

/// <summary>One version of a model, such as <c>ocr-rec/4</c>. The name carries no order; acceptance numbers do.</summary>
public readonly record struct ModelVersion(string Model, string Version)
{
    /// <summary>Reads <c>model/version</c>; false when either part is not a valid name.</summary>
    public static bool TryCreate(string? model, string? version, out ModelVersion result)
    {
        result = default;
        if (!Names.IsModel(model) || !Names.IsVersion(version)) return false;
        result = new ModelVersion(model!, version!);
        return true;
    }

    public override string ToString() => $"{Model}/{Version}";
}
