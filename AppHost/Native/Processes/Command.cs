namespace BotGeneric.AppHost.Native;

/// <summary>A program that is run to its end.</summary>
/// <param name="FileName">Full path of the program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="User">The account to run it under; null for the engine's own.</param>
internal sealed record Command(string FileName, IReadOnlyList<string> Arguments, SystemUser? User = null)
{
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Runs it and returns its exit code and everything it wrote.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(CancellationToken cancellationToken)
    {
        var spec = new ProcessSpec
        {
            Name = Path.GetFileName(FileName),
            FileName = FileName,
            Arguments = Arguments,
            WorkingDirectory = WorkingDirectory,
            User = User,
            Environment = new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8" },
        };
        using var process = ProcessLauncher.Start(spec, runId: "command");
        process.StandardInput.Close();
        try
        {
            var output = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, string.Join("", output).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
