using System.CommandLine;
using Pipeline.Core.Naming;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Commands;

/// <summary>Options and arguments that several commands take.</summary>
internal static class CommonOptions
{
    public static Option<DirectoryInfo?> Data { get; } = new("--data")
    {
        Description =
            "Folder of the environment's data (default: .pipeline in the repository; demo: a temporary folder)",
        HelpName = "DIR",
        Recursive = true,
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON document instead of text",
        Recursive = true,
    };

    public static Option<string> Environment { get; } = new Option<string>("--environment", "-e")
    {
        Description = "An environment in Azure, as azd names it (default: the one on this machine)",
        HelpName = "NAME",
        Recursive = true,
    }.Checked(AzdEnvironments.IsName, AzdEnvironments.NameRule);

    public static Argument<string> Model(string description = "Name of the model") =>
        new Argument<string>("MODEL") { Description = description }.Checked(Names.IsModel, Names.ModelRule);

    public static Argument<string> Version() =>
        new Argument<string>("VERSION") { Description = "Version of the model" }
            .Checked(Names.IsVersion, Names.VersionRule);

    public static Option<string?> Reason(string description, bool required = false) =>
        new("--reason") { Description = description, HelpName = "TEXT", Required = required };

    public static Argument<FileInfo> File() =>
        new Argument<FileInfo>("FILE") { Description = "The ONNX file" }.AcceptExistingOnly();

    public static Option<FileInfo> Policy() => new Option<FileInfo>("--policy")
    {
        Description = "The version's promotion.json",
        HelpName = "FILE",
    }.AcceptExistingOnly();

    public static Option<FileInfo[]> Golden() => new Option<FileInfo[]>("--golden")
    {
        Description = "Inputs, and outputs if wanted, for the accuracy gate (.npz); may be repeated",
        HelpName = "FILE",
    }.AcceptExistingOnly();

    /// <summary>Refuses a deployed environment, since the command is about this machine.</summary>
    public static Command OnThisMachine(this Command command)
    {
        command.Validators.Add(result =>
        {
            if (result.GetResult(Environment) is { Implicit: false })
                result.AddError($"'{command.Name}' is for this machine alone and takes no --environment.");
        });
        return command;
    }

    public static Option<string> Checked(this Option<string> option, Func<string?, bool> isValid, string rule)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !isValid(token.Value))
                result.AddError(Fault(option.Name, token.Value, rule));
        });
        return option;
    }

    public static Argument<T> Checked<T>(this Argument<T> argument, Func<string?, bool> isValid, string rule)
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !isValid(token.Value))
                result.AddError(Fault(argument.Name, token.Value, rule));
        });
        return argument;
    }

    private static string Fault(string name, string value, string rule) => $"{name} is '{value}'; write {rule}.";
}
