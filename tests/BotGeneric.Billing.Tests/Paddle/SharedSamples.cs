using BotGeneric.Testing;
using Xunit.Abstractions;

namespace BotGeneric.Billing.Tests.Paddle;

/// <summary>Payloads that Paddle publishes, beside the repository on some machines. They are no part of it.</summary>
internal static class SharedSamples
{
    /// <summary>The files of a folder, or none when the samples are not here; then the output says so.</summary>
    public static IReadOnlyList<string> Find(string pattern, ITestOutputHelper output, params string[] folder)
    {
        var path = Path.GetFullPath(Path.Combine([RepositoryPaths.Root, "..", "shared", "data", "paddle", .. folder]));
        string[] files = Directory.Exists(path) ? Directory.GetFiles(path, pattern) : [];
        output.WriteLine(files.Length == 0 ? $"Not checked: there are no samples of Paddle in {path}." : $"{files.Length} samples in {path}.");
        return files;
    }
}
