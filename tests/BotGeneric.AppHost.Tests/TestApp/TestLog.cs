using Microsoft.Extensions.Logging;

namespace BotGeneric.AppHost.TestApp;

/// <summary>What a test service logs.</summary>
internal static partial class TestLog
{
    public static void LogSomething(this ILogger logger)
    {
        Routine(logger);
        Suspicious(logger);
    }

    [LoggerMessage(LogLevel.Information, "a routine message")]
    private static partial void Routine(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "a suspicious message")]
    private static partial void Suspicious(ILogger logger);
}
