namespace BotGeneric.AppHost.Native;

/// <summary>What the engine is told on its command line.</summary>
internal sealed record EngineOptions
{
    private const string VerboseFlag = "--verbose";

    /// <summary>Configuration in the form <c>--key value</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Whether every log line of every resource is printed, not only warnings and errors.</summary>
    public bool Verbose { get; init; }

    /// <summary>The folder that project paths are relative to; null for the one that the entry assembly was built from.</summary>
    public string? AppHostDirectory { get; init; }

    /// <summary>Overrides DOTNET_ENVIRONMENT.</summary>
    public string? EnvironmentName { get; init; }

    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>Where it says what went wrong with the engine itself.</summary>
    public TextWriter Errors { get; init; } = Console.Error;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    // The configuration's command line knows no flags: one without a value would swallow the argument behind it.
    public static EngineOptions Parse(string[] arguments) => new()
    {
        Arguments = [.. arguments.Where(argument => argument != VerboseFlag)],
        Verbose = arguments.Contains(VerboseFlag),
    };
}
