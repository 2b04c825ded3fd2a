using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace BotGeneric.Testing;

/// <summary>A line of a log.</summary>
/// <param name="Category">Who wrote it: the full name of a type.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Text">The message with its values.</param>
/// <param name="Exception">What it is about; null when it is about none.</param>
public sealed record LogLine(string Category, LogLevel Level, string Text, Exception? Exception);

/// <summary>Keeps what a process logs, as far as its filters let it. Register it as <see cref="ILoggerProvider"/>.</summary>
public sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>Everything so far, in order.</summary>
    public IReadOnlyList<LogLine> All => [.. _lines];

    /// <summary>What a type has logged at a level or above it.</summary>
    /// <param name="category">The end of the type's name.</param>
    /// <param name="level">The lowest level.</param>
    public IReadOnlyList<string> Of(string category, LogLevel level) =>
        [.. _lines.Where(line => line.Category.EndsWith(category, StringComparison.Ordinal) && line.Level >= level).Select(line => line.Text)];

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Writer(categoryName, _lines);

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private sealed class Writer(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new LogLine(category, logLevel, formatter(state, exception), exception));
    }
}
