using System.Security.Cryptography;
using System.Text.Json;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.External.Attempts;
using Microsoft.AspNetCore.DataProtection;

namespace BotGeneric.Identity.External.Linking;

/// <summary>An identity that was proved and waits for the person to sign in and agree.</summary>
/// <param name="Id">Names it, so that it is used once.</param>
/// <param name="Proof">What was proved.</param>
/// <param name="ExpiresAt">When it is too late, UTC.</param>
internal sealed record PendingLink(string Id, ExternalProof Proof, DateTimeOffset ExpiresAt)
{
    /// <summary>When the identity was proved, UTC.</summary>
    internal DateTimeOffset ProvedAt => ExpiresAt - PendingLinks.Lifetime;

    /// <summary>What it is remembered by once it was used.</summary>
    internal byte[] Fingerprint => Secrets.Hash($"pending {Id}");
}

/// <summary>Keeps a pending link in a sealed cookie, so it belongs to the browser in which the identity was proved.</summary>
internal sealed class PendingLinks(IDataProtectionProvider protection, TimeProvider time)
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly IDataProtector _protector = protection.CreateProtector("BotGeneric.Identity.External.PendingLink");

    internal void Keep(HttpContext context, ExternalProof proof)
    {
        var pending = new PendingLink(Secrets.Create(), proof, time.GetUtcNow() + Lifetime);
        ExternalCookies.SetPending(context, _protector.Protect(JsonSerializer.Serialize(pending)), Lifetime);
    }

    internal PendingLink? Find(HttpContext context)
    {
        if (ExternalCookies.FindPending(context) is not { Length: > 0 } cookie)
        {
            return null;
        }

        try
        {
            var pending = JsonSerializer.Deserialize<PendingLink>(_protector.Unprotect(cookie));
            return pending is not null && time.GetUtcNow() < pending.ExpiresAt ? pending : null;
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null;
        }
    }

    internal void Forget(HttpContext context) => ExternalCookies.ClearPending(context);
}
