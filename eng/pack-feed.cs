#:property PublishAot=false
// Packs official assemblies that a partial NuGet feed lacks into ordinary packages of the same id and version.
// Source: Microsoft's npm package @azure/mcp-linux-x64 (MIT), which carries them unchanged, with the list of their
// versions and dependencies in azmcp.deps.json. Why: docs/decisions/0001-local-feed.md.
// Usage: dotnet run eng/pack-feed.cs -- PACKAGE_DIST_DIR FEED_DIR
using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;

string[] wanted =
[
    "Azure.Messaging.ServiceBus", "Azure.Data.Tables", "Azure.Storage.Blobs", "Azure.Storage.Common",
    "Azure.Core.Amqp", "Azure.Security.KeyVault.Keys", "Microsoft.Azure.Amqp", "System.IO.Hashing",
];
if (args.Length != 2)
{
    Console.Error.WriteLine("Usage: pack-feed PACKAGE_DIST_DIR FEED_DIR");
    return 2;
}
(string source, string feed) = (args[0], args[1]);
using JsonDocument deps = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(source, "azmcp.deps.json")));
JsonProperty[] libraries = [.. deps.RootElement.GetProperty("targets").EnumerateObject().SelectMany(t => t.Value.EnumerateObject())];
// Packed beside the feed and moved in one step, so that an interrupted run leaves no half of a feed.
string building = feed + ".building";
if (Directory.Exists(building)) Directory.Delete(building, recursive: true);
Directory.CreateDirectory(building);
foreach (string id in wanted)
{
    JsonProperty library = libraries.Single(l => l.Name.StartsWith(id + "/", StringComparison.Ordinal));
    string version = library.Name[(id.Length + 1)..];
    XNamespace ns = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd";
    var dependencies = new XElement(ns + "group", new XAttribute("targetFramework", "net8.0"));
    if (library.Value.TryGetProperty("dependencies", out JsonElement listed))
    {
        foreach (JsonProperty d in listed.EnumerateObject())
            dependencies.Add(new XElement(ns + "dependency", new XAttribute("id", d.Name), new XAttribute("version", d.Value.GetString()!)));
    }

    var nuspec = new XDocument(new XElement(ns + "package", new XElement(ns + "metadata",
        new XElement(ns + "id", id), new XElement(ns + "version", version), new XElement(ns + "authors", "Microsoft"),
        new XElement(ns + "license", new XAttribute("type", "expression"), "MIT"),
        new XElement(ns + "description", $"The official {id} {version}, repacked from @azure/mcp-linux-x64."),
        new XElement(ns + "dependencies", dependencies))));
    using ZipArchive package = ZipFile.Open(Path.Combine(building, $"{id}.{version}.nupkg"), ZipArchiveMode.Create);
    using (Stream s = package.CreateEntry($"{id}.nuspec").Open()) nuspec.Save(s);
    package.CreateEntryFromFile(Path.Combine(source, id + ".dll"), $"lib/net8.0/{id}.dll");
    Console.WriteLine($"packed {id} {version}");
}

if (Directory.Exists(feed)) Directory.Delete(feed, recursive: true);
Directory.Move(building, feed);
return 0;
