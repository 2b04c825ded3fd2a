using System.Globalization;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Domain;

namespace BotGeneric.Identity.ApiKeys.Pages;

/// <summary>What the list of keys shows.</summary>
public sealed record KeysModel(IReadOnlyList<KeyDetail> Keys, Guid? OrganizationId, Guid UserId, string? Done, Refusal? Refusal);

/// <summary>What the form for a new key shows.</summary>
public sealed record NewKeyModel(KeyForm Form, IReadOnlyList<string> Scopes, bool AllowWithoutExpiry, int MaximumDays, Refusal? Refusal);

/// <summary>What the form for a key's restrictions shows.</summary>
public sealed record EditKeyModel(KeyDetail Key, KeyForm Form, Refusal? Refusal);

/// <summary>What the form for a key's successor shows.</summary>
public sealed record RotateKeyModel(KeyDetail Key, int OverlapHours, Refusal? Refusal);

/// <summary>A key that was just made; shown once.</summary>
public sealed record MadeKeyModel(string Secret, string Name, Guid? OrganizationId);

/// <summary>The fields of a key's forms, as they were filled in.</summary>
/// <param name="OrganizationId">The organization in whose name it acts.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Scopes">The rights that are ticked.</param>
/// <param name="Days">How many days it works; 0: until it is revoked.</param>
/// <param name="Networks">One network on each line.</param>
/// <param name="Limit">Requests per minute; empty: none.</param>
public sealed record KeyForm(Guid? OrganizationId, string? Name, IReadOnlyList<string> Scopes, string? Days, string? Networks, string? Limit)
{
    internal IReadOnlyList<string> NetworkList =>
        (Networks ?? string.Empty).Split(['\n', '\r', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    internal static KeyForm Empty(Guid? organization) => new(organization, null, [], "90", null, null);

    internal static KeyForm Of(ApiKey key) => new(
        key.OrganizationId, key.Name, key.Scopes, null, string.Join('\n', key.AllowedNetworks), key.RequestsPerMinute?.ToString(CultureInfo.InvariantCulture));

    internal static KeyForm Read(IFormCollection fields) => new(
        Guid.TryParse(fields["organization"].ToString(), out var organization) ? organization : null,
        fields["name"].ToString(),
        [.. fields["scopes"].Where(scope => scope is not null).Select(scope => scope!)],
        fields["days"].ToString(),
        fields["allowedNetworks"].ToString(),
        fields["requestsPerMinute"].ToString());

    // A number of days that is none ends in the past, and is refused as such.
    internal DateTimeOffset? ExpiresAt(DateTimeOffset now) =>
        !int.TryParse(Days, NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? now
            : days == 0 ? null
            : now + TimeSpan.FromDays(Math.Min(days, 10_000));

    // What is no number is refused as one out of range is.
    internal int? RequestsPerMinute => string.IsNullOrWhiteSpace(Limit) ? null
        : int.TryParse(Limit.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
        : 0;
}
