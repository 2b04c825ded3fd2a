using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;
using Authorization = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreAuthorization<System.Guid>;
using Client = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication<System.Guid>;
using Token = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken<System.Guid>;

namespace BotGeneric.Identity.TokenServer;

/// <summary>
/// The clients of the token server. What every exchange of a token asks is compiled once: a query is otherwise put together and compared with known
/// ones each time, which costs as much as sending it.
/// </summary>
internal sealed class ClientStore(
    IMemoryCache cache, IOpenIddictEntityFrameworkCoreContext context, IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options, IdentityDbContext db)
    : OpenIddictEntityFrameworkCoreApplicationStore<Client, Authorization, Token, Guid>(cache, context, options)
{
    private static readonly Func<IdentityDbContext, string, CancellationToken, Task<Client?>> ByClientId = EF.CompileAsyncQuery(
        (IdentityDbContext db, string clientId, CancellationToken cancellationToken) =>
            db.Set<Client>().AsTracking().FirstOrDefault(client => client.ClientId == clientId));

    public override async ValueTask<Client?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken) =>
        db.Set<Client>().Local.FirstOrDefault(client => string.Equals(client.ClientId, identifier, StringComparison.Ordinal))
        ?? await ByClientId(db, identifier, cancellationToken);
}

/// <summary>The tokens of the token server.</summary>
/// <remarks>
/// A refresh redeems one token and makes two new ones, one of which is written twice; a device that comes for what was allowed begins a session besides. While <see cref="GatheredTokens"/> says so, all of it waits and is
/// written together before the answer goes out: one transaction instead of four, and a refresh that fails half-way redeems nothing. Until then only the
/// request that makes them knows the new ones.
/// </remarks>
internal sealed class TokenStore(
    IMemoryCache cache, IOpenIddictEntityFrameworkCoreContext context, IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options, IdentityDbContext db,
    GatheredTokens gathered)
    : OpenIddictEntityFrameworkCoreTokenStore<Token, Client, Authorization, Guid>(cache, context, options)
{
    private static readonly Func<IdentityDbContext, string, CancellationToken, Task<Token?>> ByReference = EF.CompileAsyncQuery(
        (IdentityDbContext db, string reference, CancellationToken cancellationToken) =>
            db.Set<Token>().Include(token => token.Application).Include(token => token.Authorization).AsTracking()
                .FirstOrDefault(token => token.ReferenceId == reference));

    private static readonly Func<IdentityDbContext, Guid, CancellationToken, Task<Token?>> ById = EF.CompileAsyncQuery(
        (IdentityDbContext db, Guid id, CancellationToken cancellationToken) =>
            db.Set<Token>().Include(token => token.Application).Include(token => token.Authorization).AsTracking().FirstOrDefault(token => token.Id == id));

    public override async ValueTask<Token?> FindByReferenceIdAsync(string identifier, CancellationToken cancellationToken) =>
        db.Set<Token>().Local.FirstOrDefault(token => string.Equals(token.ReferenceId, identifier, StringComparison.Ordinal))
        ?? await ByReference(db, identifier, cancellationToken);

    public override async ValueTask<Token?> FindByIdAsync(string identifier, CancellationToken cancellationToken)
    {
        var id = Guid.Parse(identifier);
        return db.Set<Token>().Local.FirstOrDefault(token => token.Id == id) ?? await ById(db, id, cancellationToken);
    }

    public override ValueTask CreateAsync(Token token, CancellationToken cancellationToken)
    {
        if (!gathered.IsOpen)
        {
            return base.CreateAsync(token, cancellationToken);
        }

        db.Add(token);
        return ValueTask.CompletedTask;
    }

    public override ValueTask UpdateAsync(Token token, CancellationToken cancellationToken)
    {
        if (!gathered.IsOpen)
        {
            return base.UpdateAsync(token, cancellationToken);
        }

        if (db.Entry(token).State != EntityState.Added)
        {
            // Whoever else changes the token meanwhile has it refused here or there. What did not change is not written.
            token.ConcurrencyToken = Guid.NewGuid().ToString();
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>The authorizations of the token server.</summary>
internal sealed class AuthorizationStore(
    IMemoryCache cache, IOpenIddictEntityFrameworkCoreContext context, IOptionsMonitor<OpenIddictEntityFrameworkCoreOptions> options, IdentityDbContext db)
    : OpenIddictEntityFrameworkCoreAuthorizationStore<Authorization, Client, Token, Guid>(cache, context, options)
{
    private static readonly Func<IdentityDbContext, Guid, CancellationToken, Task<Authorization?>> ById = EF.CompileAsyncQuery(
        (IdentityDbContext db, Guid id, CancellationToken cancellationToken) =>
            db.Set<Authorization>().Include(authorization => authorization.Application).AsTracking().FirstOrDefault(authorization => authorization.Id == id));

    public override async ValueTask<Authorization?> FindByIdAsync(string identifier, CancellationToken cancellationToken)
    {
        var id = Guid.Parse(identifier);
        return db.Set<Authorization>().Local.FirstOrDefault(authorization => authorization.Id == id) ?? await ById(db, id, cancellationToken);
    }
}

/// <summary>Whether the new tokens of the present request wait to be written together.</summary>
internal sealed class GatheredTokens(IdentityDbContext db) : IAsyncDisposable
{
    private IDbContextTransaction? _transaction;

    /// <summary>Whether they wait.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Begins a transaction that ends with them, for what must hold until they are written. Nothing stays of it when they are not.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task BeginAsync(CancellationToken cancellationToken) => _transaction ??= await db.Database.BeginTransactionAsync(cancellationToken);

    /// <summary>Writes everything.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        if (_transaction is not null)
        {
            await _transaction.CommitAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _transaction?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>
/// Reads the token of a refresh first. Its client and its authorization come along, so that nobody has to ask for them: one question instead of two, and
/// none is answered from a memory that may be out of date.
/// </summary>
internal sealed class ReadRefreshTokenFirst(IOpenIddictTokenManager tokens) : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.IsRefreshTokenGrantType() && context.Request.RefreshToken is { Length: > 0 } reference)
        {
            await tokens.FindByReferenceIdAsync(reference, context.CancellationToken);
        }
    }
}

/// <summary>From here on the tokens of a refresh, and of a device, wait.</summary>
internal sealed class GatherTokens(GatheredTokens gathered) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        gathered.IsOpen = context.EndpointType == OpenIddictServerEndpointType.Token
            && (context.Request.IsRefreshTokenGrantType() || context.Request.IsDeviceCodeGrantType());
        return ValueTask.CompletedTask;
    }
}

/// <summary>Writes the tokens that wait, before anything of them is answered.</summary>
internal sealed class WriteGatheredTokens(GatheredTokens gathered) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (gathered.IsOpen)
        {
            gathered.IsOpen = false;
            try
            {
                await gathered.WriteAsync(context.CancellationToken);
            }
            catch (DbUpdateConcurrencyException exception)
            {
                // The code of a device works once: of two that come with it at once, one gets everything and the other nothing.
                if (context.Request.IsDeviceCodeGrantType() || !await AreRedeemedAsync(exception.Entries, context.CancellationToken))
                {
                    context.Reject(OpenIddictConstants.Errors.InvalidGrant, "The token was revoked meanwhile.");
                    return;
                }

                // Two tabs or replicas refresh with the same token at once, as they may for a moment. It is marked already; what is new is still to be written.
                await gathered.WriteAsync(context.CancellationToken);
            }
        }
    }

    // Whether other requests redeemed them, and did nothing else to them.
    private static async Task<bool> AreRedeemedAsync(IReadOnlyList<EntityEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var entry in entries)
        {
            await entry.ReloadAsync(cancellationToken);
        }

        return entries.All(entry => entry is { State: EntityState.Unchanged, Entity: Token { Status: OpenIddictConstants.Statuses.Redeemed } });
    }
}
