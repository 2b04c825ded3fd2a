using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace BotGeneric.Simulators.Tests.Paddle;

/// <summary>Keeps the exceptions that the host logged, so that a failed test can show them.</summary>
public sealed class ErrorLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _errors = new();

    /// <summary>What was logged.</summary>
    public override string ToString() => string.Join(Environment.NewLine, _errors);

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc />
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc />
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    /// <inheritdoc />
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null && IsEnabled(logLevel))
        {
            _errors.Enqueue(exception.ToString());
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
