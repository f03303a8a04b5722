using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Uploads;

/// <summary>Paths inside the models container: <c>{model}/{version}/...</c>.</summary>
public static class UploadPath
{
    public const string ModelFile = "model.onnx";
    public const string PolicyFile = "promotion.json";
    public const string GoldenFolder = "golden/";
    public const string CalibrationFolder = "calibration/";

    /// <summary>The folder of a version, with the slash at its end.</summary>
    public static string Folder(ModelVersion id) => $"{id.Model}/{id.Version}/";

    public static string Model(ModelVersion id) => Folder(id) + ModelFile;

    /// <summary>The policy of one version.</summary>
    public static string Policy(ModelVersion id) => Folder(id) + PolicyFile;

    /// <summary>The policy of every version of a model that brings none of its own.</summary>
    public static string Policy(string model) => $"{model}/{PolicyFile}";

    /// <summary>
    /// Splits a path into the version and the file's path inside its folder; false for any other path.
    /// </summary>
    public static bool TryParse(string path, out ModelVersion id, out string file)
    {
        file = "";
        string[] parts = path.Split('/', 3);
        if (parts.Length != 3 || parts[2].Length == 0 || !ModelVersion.TryCreate(parts[0], parts[1], out id))
        {
            id = default;
            return false;
        }

        file = parts[2];
        return true;
    }
}
