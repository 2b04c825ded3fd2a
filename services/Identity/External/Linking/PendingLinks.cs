using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.External.Attempts;

namespace BotGeneric.Identity.External.Linking;

/// <summary>An identity that was proved and waits for the person to sign in and agree.</summary>
/// <param name="Id">Names it, so that it is used once.</param>
/// <param name="Proof">What was proved.</param>
/// <param name="ExpiresAt">When it is too late, UTC.</param>
internal sealed record PendingLink(string Id, ExternalProof Proof, DateTimeOffset ExpiresAt) : ISealable
{
    /// <summary>When the identity was proved, UTC.</summary>
    internal DateTimeOffset ProvedAt => ExpiresAt - PendingLinks.Lifetime;

    /// <summary>What it is remembered by once it was used.</summary>
    internal byte[] Fingerprint => Secrets.Hash($"pending {Id}");
}

/// <summary>Keeps a pending link in a sealed cookie, so it belongs to the browser in which the identity was proved.</summary>
internal sealed class PendingLinks(SealedValues values, TimeProvider time)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private const string Purpose = "BotGeneric.Identity.External.PendingLink";

    internal void Keep(HttpContext context, ExternalProof proof)
    {
        var pending = new PendingLink(Secrets.Create(), proof, time.GetUtcNow() + Lifetime);
        ExternalCookies.SetPending(context, values.Seal(Purpose, pending), Lifetime);
    }

    internal PendingLink? Find(HttpContext context) => values.Open<PendingLink>(Purpose, ExternalCookies.FindPending(context));

    internal void Forget(HttpContext context) => ExternalCookies.ClearPending(context);
}
