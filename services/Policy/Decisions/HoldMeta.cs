using BotGeneric.Policy.Compilation;

namespace BotGeneric.Policy.Decisions;

/// <summary>What a hold was asked for, kept in its record.</summary>
/// <param name="Feature">What for.</param>
/// <param name="Model">The model, when known.</param>
/// <param name="Channel">The door, when known.</param>
/// <param name="UserId">The person, when known.</param>
/// <param name="KeyId">The key, when known.</param>
/// <param name="HasPlatform">Whether limits of the platform are held under the same id.</param>
/// <param name="IsOfOperator">Whether a service has asked, or who runs the system.</param>
internal sealed record HoldMeta(string Feature, string? Model, string? Channel, Guid? UserId, string? KeyId, bool HasPlatform, bool IsOfOperator)
{
    // Names have no control characters.
    private const char Separator = '\u001f';

    private const string OfPlatform = "p";

    // The last letter, which settle.lua looks for.
    private const string OfOperator = "s";

    internal PolicySubject Subject(Guid account) => new(account, UserId, KeyId);

    internal static string Of(DecisionRequest request, bool hasPlatform) => string.Join(
        Separator,
        request.Feature, request.Model, request.Channel, request.Subject.UserId?.ToString("N"), request.Subject.KeyId,
        (hasPlatform ? OfPlatform : string.Empty) + (request.IsOfOperator ? OfOperator : string.Empty));

    internal static HoldMeta? Read(string? text)
    {
        var parts = text?.Split(Separator) ?? [];
        return parts.Length == 6
            ? new HoldMeta(
                parts[0], NullIfEmpty(parts[1]), NullIfEmpty(parts[2]), Guid.TryParseExact(parts[3], "N", out var user) ? user : null, NullIfEmpty(parts[4]),
                parts[5].StartsWith(OfPlatform, StringComparison.Ordinal), parts[5].EndsWith(OfOperator, StringComparison.Ordinal))
            : null;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
