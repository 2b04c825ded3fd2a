using System.Security.Cryptography;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Checkout;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Subscriptions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Portal;

/// <summary>Links to the portal. Each is a secret and works for a while. Guarded by the world's lock.</summary>
/// <param name="world">Keeps the sessions.</param>
/// <param name="links">Knows the origin.</param>
/// <param name="options">How long a link works.</param>
internal sealed class PortalLinks(PaddleWorld world, CheckoutLinks links, IOptions<PaddleSimulatorOptions> options)
{
    private const int Kept = 1000;

    public PortalSession Open(string customerId)
    {
        if (world.PortalSessions.Count >= Kept)
        {
            world.PortalSessions.RemoveAt(0);
        }

        var session = new PortalSession(
            $"pga_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))}", customerId, world.Clock.Now + options.Value.PortalLinkLifetime);
        world.PortalSessions.Add(session.Token, session);
        return session;
    }

    /// <summary>Whose portal a token opens; null for an unknown or an expired one.</summary>
    public PortalSession? Find(string? token) =>
        token is not null && world.PortalSessions.TryGetValue(token, out var session) && session.ExpiresAt > world.Clock.Now ? session : null;

    public string Url(PortalSession session, string action, string? subscriptionId = null) =>
        $"{links.Origin}{PaddlePaths.Portal}?action={action}{(subscriptionId is null ? string.Empty : $"&subscription_id={subscriptionId}")}&token={session.Token}";

    public JsonObject ManagementUrls(Subscription subscription)
    {
        var session = world.PortalSessions.Values.LastOrDefault(known => known.CustomerId == subscription.CustomerId && known.ExpiresAt > world.Clock.Now)
            ?? Open(subscription.CustomerId);
        return new JsonObject
        {
            ["update_payment_method"] = Url(session, "update_subscription_payment_method", subscription.Id),
            ["cancel"] = Url(session, "cancel_subscription", subscription.Id),
        };
    }
}
