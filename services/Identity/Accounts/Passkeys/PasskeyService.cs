using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.Passkeys;

/// <summary>What came of the removal of a passkey.</summary>
public enum PasskeyRemoval
{
    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>The person has no such passkey.</summary>
    NotFound,

    /// <summary>Without it the person could not sign in any more.</summary>
    LastWayIn,
}

/// <summary>Passkeys: adding and removing them, and signing in with one.</summary>
public sealed class PasskeyService(
    IdentityDbContext db, UserManager<User> users, IPasskeyHandler<User> handler, PasskeyCeremonies ceremonies, SignInFlow flow, SessionService sessions,
    WaysIn waysIn, SecurityNotices notices, AuditTrail audit)
{
    /// <summary>How many one person may have.</summary>
    public const int MaximumCount = 10;

    /// <summary>The longest name of a passkey.</summary>
    public const int MaximumName = 100;

    private const int Tries = 4;
    private const string AddKind = "add";
    private const string SignInKind = "sign-in";
    private const string ConfirmKind = "confirm";

    // The authenticator has verified its user (a finger, a face, a PIN), which the options demand: something owned and something known or inherent.
    private static readonly string[] Methods = ["hwk", "user", "mfa"];

    /// <summary>The passkeys of a person, oldest first.</summary>
    /// <param name="user">The person.</param>
    public async Task<IReadOnlyList<UserPasskeyInfo>> ListAsync(User user) => [.. (await users.GetPasskeysAsync(user)).OrderBy(passkey => passkey.CreatedAt)];

    /// <summary>The options with which a browser creates a passkey.</summary>
    /// <param name="context">The request.</param>
    /// <param name="current">Who.</param>
    /// <returns>JSON of WebAuthn; null when the person has too many already.</returns>
    public async Task<string?> BeginAddingAsync(HttpContext context, CurrentSession current)
    {
        ArgumentNullException.ThrowIfNull(current);
        if ((await users.GetPasskeysAsync(current.User)).Count >= MaximumCount)
        {
            return null;
        }

        var name = current.User.Email ?? current.User.DisplayName ?? current.User.Id.ToString();
        var result = await handler.MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = current.User.Id.ToString(), Name = name, DisplayName = current.User.DisplayName ?? name }, context);
        ceremonies.Begin(context, AddKind, current.Session.Id, result.AttestationState);
        return result.CreationOptionsJson;
    }

    /// <summary>Adds the passkey that the browser created. Saves.</summary>
    /// <param name="context">The request.</param>
    /// <param name="current">Who.</param>
    /// <param name="credential">JSON of WebAuthn.</param>
    /// <param name="name">What the person calls it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it was accepted.</returns>
    public async Task<bool> AddAsync(HttpContext context, CurrentSession current, string credential, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        if (await ceremonies.EndAsync(context, AddKind, current.Session.Id, cancellationToken) is not { } state)
        {
            return false;
        }

        var result = await handler.PerformAttestationAsync(
            new PasskeyAttestationContext { HttpContext = context, CredentialJson = credential, AttestationState = state });
        if (!result.Succeeded || result.UserEntity.Id != current.User.Id.ToString()
            || (await users.GetPasskeysAsync(current.User)).Count >= MaximumCount)
        {
            return false;
        }

        result.Passkey.Name = name;
        if (!(await users.AddOrUpdatePasskeyAsync(current.User, result.Passkey)).Succeeded)
        {
            return false;
        }

        audit.Add(AuditActions.PasskeyAdded, current.User.Id, actorId: current.User.Id);
        notices.Changed(current.User, "passkey", isAdded: true);
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Calls a passkey something else. Saves.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="credentialId">Which.</param>
    /// <param name="name">What the person calls it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when the person has no such passkey.</returns>
    public async Task<bool> RenameAsync(User user, byte[] credentialId, string name, CancellationToken cancellationToken)
    {
        if (await users.GetPasskeyAsync(user, credentialId) is not { } passkey)
        {
            return false;
        }

        passkey.Name = name;
        await users.AddOrUpdatePasskeyAsync(user, passkey);
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>Removes a passkey, unless it is the last way in. Saves.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="credentialId">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<PasskeyRemoval> RemoveAsync(Guid userId, byte[] credentialId, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var user = await db.Users.SingleAsync(candidate => candidate.Id == userId, cancellationToken);
            if (await users.GetPasskeyAsync(user, credentialId) is null)
            {
                return PasskeyRemoval.NotFound;
            }

            if (!await waysIn.HasAnotherAsync(db, user, withoutProvider: null, credentialId, cancellationToken))
            {
                return PasskeyRemoval.LastWayIn;
            }

            if ((await users.GetPasskeysAsync(user)).Count == 1)
            {
                await db.ForgetFactorsAsync(user.Id, ["hwk", "user"], cancellationToken);
            }

            await users.RemovePasskeyAsync(user, credentialId);
            audit.Add(AuditActions.PasskeyRemoved, user.Id, actorId: user.Id);
            notices.Changed(user, "passkey", isAdded: false);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return PasskeyRemoval.Removed;
            }
            catch (DbUpdateConcurrencyException) when (attempt < Tries)
            {
                // Another tab took a way in away at this moment: what is left is looked at again.
                db.ChangeTracker.Clear();
            }
        }
    }

    /// <summary>The options with which a browser shows a passkey. They name none, so nobody learns from them who has one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="current">Who shows it again; null: who signs in.</param>
    /// <returns>JSON of WebAuthn.</returns>
    public async Task<string> BeginShowingAsync(HttpContext context, CurrentSession? current)
    {
        var result = await handler.MakeRequestOptionsAsync(null, context);
        ceremonies.Begin(context, current is null ? SignInKind : ConfirmKind, current?.Session.Id, result.AssertionState);
        return result.RequestOptionsJson;
    }

    /// <summary>Signs in with a passkey. Saves.</summary>
    /// <param name="context">The request.</param>
    /// <param name="credential">JSON of WebAuthn.</param>
    /// <param name="returnUrl">Where to go afterwards.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The path of ours to go to; null when it was refused.</returns>
    public async Task<string?> SignInAsync(HttpContext context, string credential, string returnUrl, CancellationToken cancellationToken)
    {
        if (await ShowAsync(context, SignInKind, null, credential, cancellationToken) is not { } user)
        {
            audit.Add(AuditActions.SignedIn, null, outcome: "wrong-passkey");
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }

        return await flow.ContinueAsync(context, user, Methods, returnUrl, cancellationToken);
    }

    /// <summary>Shows a passkey again in a session. Saves.</summary>
    /// <param name="context">The request.</param>
    /// <param name="current">Who.</param>
    /// <param name="credential">JSON of WebAuthn.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it is one of this person's.</returns>
    public async Task<bool> ConfirmAsync(HttpContext context, CurrentSession current, string credential, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(current);
        if (await ShowAsync(context, ConfirmKind, current.Session.Id, credential, cancellationToken) is not { } user || user.Id != current.User.Id)
        {
            return false;
        }

        await sessions.ConfirmAsync(current, Methods, cancellationToken);
        return true;
    }

    private async Task<User?> ShowAsync(HttpContext context, string kind, Guid? sessionId, string credential, CancellationToken cancellationToken)
    {
        if (await ceremonies.EndAsync(context, kind, sessionId, cancellationToken) is not { } state)
        {
            return null;
        }

        var result = await handler.PerformAssertionAsync(
            new PasskeyAssertionContext { HttpContext = context, CredentialJson = credential, AssertionState = state });
        if (!result.Succeeded)
        {
            return null;
        }

        // The counter that the authenticator sent is kept, so that a copy of it shows.
        await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey);
        return result.User;
    }
}
