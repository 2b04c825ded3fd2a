using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Accounts.SignIn;

namespace BotGeneric.Identity.Accounts.Passkeys;

/// <summary>
/// Keeps the challenge of a WebAuthn ceremony between its two requests, in an encrypted cookie of the browser that began it: for one kind of
/// ceremony, one session, five minutes and one use.
/// </summary>
public sealed class PasskeyCeremonies(SealedValues values, SingleUse singleUse, TimeProvider time)
{
    private const string CookieName = "passkey";
    private const string Purpose = "passkey-ceremony";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Begins one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="kind">What it is for.</param>
    /// <param name="sessionId">The session that it belongs to; null: nobody is signed in.</param>
    /// <param name="state">What the handler of ASP.NET Core Identity wants back.</param>
    internal void Begin(HttpContext context, string kind, Guid? sessionId, string? state) => SecretCookies.Write(
        context, CookieName, values.Seal(Purpose, new Ceremony(Guid.NewGuid(), kind, sessionId, state, time.GetUtcNow() + Lifetime)), Lifetime);

    /// <summary>Ends one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="kind">What it must be for.</param>
    /// <param name="sessionId">The session that it must belong to.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The state it began with; null when there is none, or it was used, or it is too late.</returns>
    internal async Task<string?> EndAsync(HttpContext context, string kind, Guid? sessionId, CancellationToken cancellationToken)
    {
        if (SecretCookies.Read(context, CookieName) is not { Length: > 0 } cookie)
        {
            return null;
        }

        SecretCookies.Delete(context, CookieName);
        return values.Open<Ceremony>(Purpose, cookie) is { } ceremony && ceremony.Kind == kind && ceremony.SessionId == sessionId
            && await singleUse.TryUseAsync($"passkey-ceremony:{ceremony.Id}", ceremony.ExpiresAt, cancellationToken)
                ? ceremony.State
                : null;
    }

    private sealed record Ceremony(Guid Id, string Kind, Guid? SessionId, string? State, DateTimeOffset ExpiresAt) : ISealable;
}
