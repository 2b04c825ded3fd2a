using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BotGeneric.ServiceDefaults.Data;

/// <summary>
/// Spans and durations of commands to Redis, by the OpenTelemetry conventions for databases. Keys and values of commands are never read. A service gets them from the
/// client by itself; one that sends so many that the client's record of each is too much for the garbage collector measures its commands with <see cref="Begin"/>.
/// </summary>
public static class RedisTelemetry
{
    internal const string SourceName = "BotGeneric.Redis";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "db.client.operation.duration", "s", "Time from sending a command to Redis until its answer is read.");

    /// <summary>Begins a command; it ends when what is returned is disposed of. A span is made under an operation that is recorded.</summary>
    /// <param name="command">The command's name, such as <c>EVALSHA</c>.</param>
    /// <returns>The command that runs.</returns>
    public static RedisCommand Begin(string command)
    {
        var span = Activity.Current is { IsAllDataRequested: true } ? Source.StartActivity(command, ActivityKind.Client) : null;
        return new RedisCommand(command, Describe(span, command), Stopwatch.GetTimestamp());
    }

    /// <summary>Records a command that is over.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="start">When it was made, UTC.</param>
    /// <param name="parent">The operation that sent it; null without a trace.</param>
    internal static void Record(string command, TimeSpan duration, DateTime start, Activity? parent)
    {
        Record(command, duration);
        if (parent is null)
        {
            return;
        }

        using var span = Describe(Source.StartActivity(command, ActivityKind.Client, parent.Context, startTime: new DateTimeOffset(start)), command);
        span?.SetEndTime(start + duration);
    }

    internal static void Record(string command, TimeSpan duration) => Duration.Record(
        duration.TotalSeconds,
        new KeyValuePair<string, object?>("db.system.name", "redis"),
        new KeyValuePair<string, object?>("db.operation.name", command));

    private static Activity? Describe(Activity? span, string command) =>
        span?.SetTag("db.system.name", "redis").SetTag("db.operation.name", command);
}

/// <summary>A command to Redis that runs.</summary>
public readonly struct RedisCommand : IDisposable, IEquatable<RedisCommand>
{
    private readonly string _name;
    private readonly Activity? _span;
    private readonly long _start;

    internal RedisCommand(string name, Activity? span, long start) => (_name, _span, _start) = (name, span, start);

    /// <summary>The answer is there, or there will be none.</summary>
    public void Dispose()
    {
        RedisTelemetry.Record(_name, Stopwatch.GetElapsedTime(_start));
        _span?.Dispose();
    }

    /// <inheritdoc />
    public bool Equals(RedisCommand other) => _start == other._start && ReferenceEquals(_span, other._span) && _name == other._name;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is RedisCommand other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_name, _span, _start);

    /// <summary>Whether both are the same command.</summary>
    public static bool operator ==(RedisCommand left, RedisCommand right) => left.Equals(right);

    /// <summary>Whether they are different commands.</summary>
    public static bool operator !=(RedisCommand left, RedisCommand right) => !left.Equals(right);
}
