using BotGeneric.Identity.Accounts.Links;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts.SignIn;

/// <summary>A sign-in whose first factor was shown and whose second is still to come. It opens nothing by itself.</summary>
/// <param name="Id">The sign-in.</param>
/// <param name="UserId">Who.</param>
/// <param name="SecurityStamp">The person's stamp at that time: a password that is changed meanwhile ends this.</param>
/// <param name="Methods">What was shown.</param>
/// <param name="ReturnUrl">Where to go afterwards.</param>
/// <param name="ExpiresAt">When it is too late, UTC.</param>
public sealed record PendingSignIn(Guid Id, Guid UserId, string? SecurityStamp, IReadOnlyList<string> Methods, string ReturnUrl, DateTimeOffset ExpiresAt)
    : ISealable;

/// <summary>Keeps a pending sign-in in an encrypted cookie of the browser that began it, for ten minutes and for one use.</summary>
public sealed class PendingSignIns(SealedValues values, SingleUse singleUse, IOptions<AccountOptions> options, TimeProvider time)
{
    private const string CookieName = "sign-in";
    private const string Purpose = "pending-sign-in";

    /// <summary>Begins to wait for the second factor.</summary>
    /// <param name="context">The request.</param>
    /// <param name="user">Who.</param>
    /// <param name="methods">What was shown.</param>
    /// <param name="returnUrl">Where to go afterwards: a path of ours.</param>
    public void Begin(HttpContext context, User user, IReadOnlyCollection<string> methods, string returnUrl)
    {
        ArgumentNullException.ThrowIfNull(user);
        var lifetime = options.Value.SecondFactorLifetime;
        var pending = new PendingSignIn(Guid.NewGuid(), user.Id, user.SecurityStamp, [.. methods], returnUrl, time.GetUtcNow() + lifetime);
        SecretCookies.Write(context, CookieName, values.Seal(Purpose, pending), lifetime);
    }

    /// <summary>What the browser of the request waits for; null: nothing, or it is too late.</summary>
    /// <param name="context">The request.</param>
    public PendingSignIn? Find(HttpContext context) => values.Open<PendingSignIn>(Purpose, SecretCookies.Read(context, CookieName));

    /// <summary>Ends it, whoever keeps a copy of the cookie.</summary>
    /// <param name="context">The request.</param>
    /// <param name="pending">The sign-in.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when it had ended before.</returns>
    public async Task<bool> EndAsync(HttpContext context, PendingSignIn pending, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pending);
        SecretCookies.Delete(context, CookieName);
        return await singleUse.TryUseAsync($"pending-sign-in:{pending.Id}", pending.ExpiresAt, cancellationToken);
    }
}
