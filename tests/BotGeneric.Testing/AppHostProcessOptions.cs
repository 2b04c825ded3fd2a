namespace BotGeneric.Testing;

/// <summary>How to run the whole application for a test.</summary>
public sealed record AppHostProcessOptions
{
    /// <summary>The program: the AppHost's build output unless a test has an application of its own.</summary>
    public string Program { get; init; } = RepositoryPaths.OutputOf("AppHost/BotGeneric.AppHost.csproj");

    /// <summary>The data folder; null for a temporary one that is deleted afterwards.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Arguments, for example <c>--verbose</c>, or configuration as <c>--Key value</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>
    /// Limits of the edge that nobody reaches. All that tests do comes from one address, and how often they look at something that is to happen
    /// depends on how quick the machine is.
    /// </summary>
    public static IReadOnlyDictionary<string, string> WithoutEdgeLimits { get; } =
        new[] { "Api", "Pages", "SignIn", "Account", "Key" }.ToDictionary(name => $"RateLimits__{name}__Requests", _ => "100000");

    /// <summary>Environment variables beyond those of the test process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long the application may take until it is ready.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
