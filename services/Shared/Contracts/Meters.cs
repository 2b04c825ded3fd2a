namespace BotGeneric.Contracts;

/// <summary>The meters that every service agrees on. Units: requests, and tokens as the model's provider counts them.</summary>
public static class Meters
{
    /// <summary>Calls of a language model.</summary>
    public const string Requests = "llm.requests";

    /// <summary>Tokens sent to the model: fresh input, cached input and cache writes together.</summary>
    public const string InputTokens = "llm.input_tokens";

    /// <summary>Tokens the model produced: visible output and reasoning together.</summary>
    public const string OutputTokens = "llm.output_tokens";

    /// <summary>Every meter, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [Requests, InputTokens, OutputTokens];
}

/// <summary>The calendar windows of a limit, in UTC.</summary>
public static class LimitWindows
{
    /// <summary>Midnight to midnight.</summary>
    public const string Day = "day";

    /// <summary>The first of a month to the first of the next.</summary>
    public const string Month = "month";

    /// <summary>Every window.</summary>
    public static IReadOnlyList<string> All { get; } = [Day, Month];
}
