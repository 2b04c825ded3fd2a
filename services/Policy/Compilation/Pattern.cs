namespace BotGeneric.Policy.Compilation;

/// <summary>
/// A name, or the beginning of names followed by <c>*</c>; <c>*</c> alone is everything. Names are compared as they are written. A call that does not say its
/// model or channel is met by <c>*</c> only.
/// </summary>
public sealed record Pattern
{
    /// <summary>Characters at most.</summary>
    public const int MaximumLength = 100;

    private Pattern(string text)
    {
        IsExact = !text.EndsWith('*');
        Text = IsExact ? text : text[..^1];
    }

    /// <summary>The name, or the beginning of names.</summary>
    public string Text { get; }

    /// <summary>Whether <see cref="Text"/> is the whole name.</summary>
    public bool IsExact { get; }

    /// <summary>Matches every name and none.</summary>
    public static Pattern Everything { get; } = new("*");

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">A name, perhaps with <c>*</c> at its end; null and empty are everything.</param>
    /// <returns>The pattern; null when <c>*</c> stands elsewhere or the text is too long.</returns>
    public static Pattern? TryParse(string? text) => text switch
    {
        null or "" or "*" => Everything,
        { Length: > MaximumLength } => null,
        _ when text.AsSpan(0, text.Length - 1).Contains('*') => null,
        _ => new Pattern(text),
    };

    /// <summary>Whether a name is meant.</summary>
    /// <param name="name">The name; null when the call does not say.</param>
    public bool Matches(string? name) => IsExact
        ? string.Equals(Text, name, StringComparison.Ordinal)
        : Text.Length == 0 || (name is not null && name.StartsWith(Text, StringComparison.Ordinal));

    /// <inheritdoc />
    public override string ToString() => IsExact ? Text : $"{Text}*";
}
