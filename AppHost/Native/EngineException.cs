namespace BotGeneric.AppHost.Native;

/// <summary>A reason why the application cannot start, written for the person who started it, with the way out.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="wayOut">What the person can do about it: a command or a setting.</param>
/// <param name="innerException">The technical cause, if there is one.</param>
public sealed class EngineException(string message, string wayOut, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What the person can do about it: a command or a setting.</summary>
    public string WayOut { get; } = wayOut;

    /// <inheritdoc />
    public override string ToString() => $"{Message}{Environment.NewLine}  {WayOut}";
}
