using System.Security.Cryptography;
using BotGeneric.Identity.Accounts.Links;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.SecondFactors;

/// <summary>
/// The authenticator of a person and the recovery codes that stand in for it. Rows of the table that ASP.NET Core Identity keeps such things in, but
/// the authenticator's key is encrypted, and of the codes only hashes are there.
/// </summary>
public sealed class SecondFactors(IdentityDbContext db, IDataProtectionProvider protection, SingleUse singleUse, TimeProvider time)
{
    private const string TotpProvider = "totp";
    private const string RecoveryProvider = "recovery-code";
    private const string KeyName = "key";
    private readonly IDataProtector _protector = protection.CreateProtector("totp-key");

    /// <summary>How many recovery codes a person has left.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<int> CountRecoveryCodesAsync(Guid userId, CancellationToken cancellationToken) =>
        db.UserTokens.CountAsync(token => token.UserId == userId && token.LoginProvider == RecoveryProvider, cancellationToken);

    /// <summary>Switches the authenticator on. Adds to the changes of the caller, who saves.</summary>
    /// <param name="user">The person.</param>
    /// <param name="secret">The secret, of which a code was shown.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task EnableAsync(User user, string secret, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        var row = await RowAsync(user.Id, cancellationToken);
        if (row is null)
        {
            db.UserTokens.Add(row = new IdentityUserToken<Guid> { UserId = user.Id, LoginProvider = TotpProvider, Name = KeyName });
        }

        row.Value = _protector.Protect(secret);
        user.TwoFactorEnabled = true;
    }

    /// <summary>Switches it off and forgets the recovery codes. No session goes on as one with a second factor because of it. Adds to the changes of the caller, who saves.</summary>
    /// <param name="user">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task DisableAsync(User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        db.UserTokens.RemoveRange(await OfPerson(user.Id).ToListAsync(cancellationToken));
        user.TwoFactorEnabled = false;
        await db.ForgetFactorsAsync(user.Id, ["otp", "rc"], cancellationToken);
    }

    /// <summary>Moves the authenticator and the recovery codes of one person to another, who has none. Saves them; the flags go with the changes of the caller.</summary>
    /// <param name="from">Whose they are; needs a transaction.</param>
    /// <param name="to">Whose they will be.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task MoveAsync(User from, User to, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        await OfPerson(to.Id).ExecuteDeleteAsync(cancellationToken);
        await OfPerson(from.Id).ExecuteUpdateAsync(row => row.SetProperty(token => token.UserId, to.Id), cancellationToken);
        (from.TwoFactorEnabled, to.TwoFactorEnabled) = (false, true);
    }

    /// <summary>Makes new recovery codes; those before work no more. Adds to the changes of the caller, who saves.</summary>
    /// <param name="user">The person.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The codes, to be shown once.</returns>
    public async Task<IReadOnlyList<string>> CreateRecoveryCodesAsync(User user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        db.UserTokens.RemoveRange(await db.UserTokens
            .Where(token => token.UserId == user.Id && token.LoginProvider == RecoveryProvider)
            .ToListAsync(cancellationToken));
        string[] codes = [.. Enumerable.Range(0, RecoveryCode.Count).Select(_ => RecoveryCode.Create())];
        db.UserTokens.AddRange(codes.Select(code => new IdentityUserToken<Guid>
        {
            UserId = user.Id,
            LoginProvider = RecoveryProvider,
            Name = RecoveryCode.Hash(code)!,
        }));
        return codes;
    }

    /// <summary>Uses up a code of the authenticator or, for somebody who has lost it, a recovery code. Writes at once.</summary>
    /// <param name="user">The person.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What was shown, as <c>amr</c> values: <c>otp</c> or <c>rc</c>, and <c>mfa</c>. Null: the code is wrong or was used before.</returns>
    public async Task<IReadOnlyCollection<string>?> UseAsync(User user, string? code, CancellationToken cancellationToken) =>
        await UseTotpAsync(user, code, cancellationToken) ? ["otp", "mfa"]
        : await UseRecoveryCodeAsync(user, code, cancellationToken) ? ["rc", "mfa"]
        : null;

    /// <summary>Whether a code of the authenticator is right and was not shown before. Writes the use at once.</summary>
    /// <param name="user">The person.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> UseTotpAsync(User user, string? code, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.TwoFactorEnabled && await ReadSecretAsync(user.Id, cancellationToken) is { } secret
            && await UseTotpAsync(user.Id, secret, code, cancellationToken);
    }

    /// <summary>The same for a secret that is not stored yet.</summary>
    /// <param name="userId">The person.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> UseTotpAsync(Guid userId, string secret, string? code, CancellationToken cancellationToken) =>
        Totp.Match(secret, code, time.GetUtcNow()) is { } step
        && await singleUse.TryUseAsync($"totp:{userId}:{step}", Totp.EndOf(step), cancellationToken);

    /// <summary>Uses a recovery code up. Writes at once; of many who try at the same time, one succeeds.</summary>
    /// <param name="user">The person.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether there was such a code.</returns>
    public async Task<bool> UseRecoveryCodeAsync(User user, string? code, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        return RecoveryCode.Hash(code) is { } hash && await db.UserTokens
            .Where(token => token.UserId == user.Id && token.LoginProvider == RecoveryProvider && token.Name == hash)
            .ExecuteDeleteAsync(cancellationToken) == 1;
    }

    private IQueryable<IdentityUserToken<Guid>> OfPerson(Guid userId) => db.UserTokens
        .Where(token => token.UserId == userId && (token.LoginProvider == TotpProvider || token.LoginProvider == RecoveryProvider));

    private async Task<string?> ReadSecretAsync(Guid userId, CancellationToken cancellationToken)
    {
        try
        {
            return await RowAsync(userId, cancellationToken) is { Value: { } value } ? _protector.Unprotect(value) : null;
        }
        catch (CryptographicException)
        {
            // The key ring was lost. No code is right any more; the recovery codes, which need no key, still are.
            return null;
        }
    }

    private Task<IdentityUserToken<Guid>?> RowAsync(Guid userId, CancellationToken cancellationToken) => db.UserTokens.SingleOrDefaultAsync(
        token => token.UserId == userId && token.LoginProvider == TotpProvider && token.Name == KeyName, cancellationToken);
}
