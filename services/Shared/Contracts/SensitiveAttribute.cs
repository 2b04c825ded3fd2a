namespace BotGeneric.Contracts;

/// <summary>
/// Marks a member of an event that may hold an address or a secret. It travels as any other member, and a handler reads it. A place that shows
/// stored events to people shows <see cref="Mask"/> instead; nobody logs it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SensitiveAttribute : Attribute
{
    /// <summary>What is shown in place of a hidden value.</summary>
    public const string Mask = "•••";
}
