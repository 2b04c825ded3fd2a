namespace BotGeneric.Gateway.Tests.Support;

/// <summary>A key that exists.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="AllowedNetworks">Where it may be used; null for anywhere.</param>
/// <param name="PerMinute">Its own limit.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="Scope">Its scopes; null for what every caller of the tests has.</param>
/// <param name="HasExpired">Whether its end is past for Identity.</param>
public sealed record FakeKey(Guid Account, string[]? AllowedNetworks = null, int? PerMinute = null, DateTimeOffset? ExpiresAt = null, string? Scope = null,
    bool HasExpired = false)
{
    /// <summary>Where it may be used; empty for anywhere.</summary>
    public string[] Networks => AllowedNetworks ?? [];
}
