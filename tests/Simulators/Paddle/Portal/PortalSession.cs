namespace BotGeneric.Simulators.Paddle.Portal;

/// <summary>What a link to the portal opens. Whoever has the link is the customer.</summary>
/// <param name="Token">The secret in the link.</param>
/// <param name="CustomerId">Whose portal.</param>
/// <param name="ExpiresAt">Until when, by the simulator's clock.</param>
internal sealed record PortalSession(string Token, string CustomerId, DateTimeOffset ExpiresAt);
