using System.Text.Json.Serialization;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Api;

/// <summary>Another maximum to set.</summary>
/// <param name="Account">The account.</param>
/// <param name="Limit">The limit: <c>plan:llm.requests:day</c>, or a policy's code, a slash and the limit's code.</param>
/// <param name="Reason">Why, 1 to 500 characters, for other admins.</param>
/// <param name="Maximum">What is allowed instead, as decimal text.</param>
/// <param name="IsUnlimited">Sent as <c>unlimited</c>: the limit does not hold.</param>
/// <param name="User">The person in the account, for limits that count persons; every person by default.</param>
/// <param name="Key">The key, for limits that count keys; every key by default.</param>
/// <param name="EffectiveFrom">Not before this time; at once by default.</param>
/// <param name="EffectiveTo">Not from this time on; until it is revoked by default.</param>
public sealed record CreateOverrideRequest(
    Guid Account, string Limit, string Reason, string? Maximum = null, [property: JsonPropertyName("unlimited")] bool IsUnlimited = false, Guid? User = null, string? Key = null,
    DateTimeOffset? EffectiveFrom = null, DateTimeOffset? EffectiveTo = null);

/// <summary>Another maximum for one account, person or key.</summary>
/// <param name="Id">The override.</param>
/// <param name="Account">The account.</param>
/// <param name="User">The person in it; null: every person.</param>
/// <param name="Key">The key; null: every key.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Maximum">What is allowed instead; null: the limit does not hold.</param>
/// <param name="EffectiveFrom">Not before this time, UTC.</param>
/// <param name="EffectiveTo">Not from this time on, UTC.</param>
/// <param name="Reason">Why.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="CreatedAt">When, UTC.</param>
/// <param name="RevokedAt">When it was taken back, UTC.</param>
public sealed record OverrideDetail(
    Guid Id, Guid Account, Guid? User, string? Key, string Limit, string? Maximum, DateTimeOffset EffectiveFrom, DateTimeOffset? EffectiveTo, string Reason, string CreatedBy,
    DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    internal static OverrideDetail From(LimitOverride row) => new(
        row.Id, row.AccountId, row.UserId, row.KeyId, row.LimitCode, row.Maximum is { } maximum ? Texts.Of(maximum) : null, row.EffectiveFrom, row.EffectiveTo, row.Reason,
        row.CreatedBy, row.CreatedAt, row.RevokedAt);
}

/// <summary>A credit to give.</summary>
/// <param name="Account">The account.</param>
/// <param name="Unit">The meter's code or the ISO 4217 code of the currency.</param>
/// <param name="Amount">Units or money, as decimal text, more than 0.</param>
/// <param name="Reason">Why, 1 to 500 characters, for other admins.</param>
/// <param name="Priority">Those of a lower number are used first; -1,000 to 1,000.</param>
/// <param name="EffectiveFrom">Not before this time; at once by default.</param>
/// <param name="ExpiresAt">Not from this time on; for good by default.</param>
/// <param name="Source">What it stands for, such as a ticket's number: an account gets at most one grant of a source.</param>
public sealed record CreateGrantRequest(
    Guid Account, string Unit, string Amount, string Reason, int Priority = 0, DateTimeOffset? EffectiveFrom = null, DateTimeOffset? ExpiresAt = null, string? Source = null);

/// <summary>A one-off credit.</summary>
/// <param name="Id">The grant.</param>
/// <param name="Account">The account.</param>
/// <param name="Unit">The meter's code or the ISO 4217 code of the currency.</param>
/// <param name="Amount">Units or money.</param>
/// <param name="Burned">What was used of it.</param>
/// <param name="Priority">Those of a lower number are used first.</param>
/// <param name="EffectiveFrom">Not before this time, UTC.</param>
/// <param name="ExpiresAt">Not from this time on, UTC.</param>
/// <param name="Reason">Why.</param>
/// <param name="Source">What it stands for.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="CreatedAt">When, UTC.</param>
/// <param name="RevokedAt">When it was taken back, UTC.</param>
public sealed record GrantDetail(
    Guid Id, Guid Account, string Unit, string Amount, string Burned, int Priority, DateTimeOffset EffectiveFrom, DateTimeOffset? ExpiresAt, string Reason, string? Source,
    string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    internal static GrantDetail From(CreditGrant row) => new(
        row.Id, row.AccountId, row.Unit, Texts.Of(row.Amount), Texts.Of(row.Burned), row.Priority, row.EffectiveFrom, row.ExpiresAt, row.Reason, row.Source, row.CreatedBy,
        row.CreatedAt, row.RevokedAt);
}

/// <summary>A standing to give.</summary>
/// <param name="Standing"><c>banned</c>, <c>pastDue</c> or <c>deleted</c>.</param>
/// <param name="Reason">Why, 1 to 500 characters, for other admins.</param>
/// <param name="Until">Until when; until it is lifted by default.</param>
public sealed record SetStateRequest(AccountStanding Standing, string Reason, DateTimeOffset? Until = null);

/// <summary>A standing to lift.</summary>
/// <param name="Standing">Which one, required: <c>banned</c>, <c>pastDue</c> or <c>deleted</c>.</param>
/// <param name="Reason">Why, 1 to 500 characters, for other admins.</param>
public sealed record LiftStateRequest(AccountStanding Standing, string Reason);

/// <summary>A standing other than everybody's.</summary>
/// <param name="Account">The account or the person.</param>
/// <param name="Standing">The standing.</param>
/// <param name="Reason">Why.</param>
/// <param name="Until">Until when, UTC; null: until it is lifted.</param>
/// <param name="SetBy">By whom; <c>system</c> for what nobody has set by hand.</param>
/// <param name="SetAt">When, UTC.</param>
public sealed record StateDetail(Guid Account, AccountStanding Standing, string Reason, DateTimeOffset? Until, string SetBy, DateTimeOffset SetAt)
{
    internal static StateDetail From(AccountState row) => new(row.AccountId, row.Standing, row.Reason, row.Until, row.SetBy, row.SetAt);
}

internal static class Texts
{
    // Without the zeros that the database fills up with.
    internal static string Of(decimal value) => value.ToString("0.############", System.Globalization.CultureInfo.InvariantCulture);
}
