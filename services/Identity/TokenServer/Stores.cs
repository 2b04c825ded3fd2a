using BotGeneric.Identity.Data;
using Microsoft.EntityFrameworkCore;
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
/// A refresh makes two new tokens, one of which is written twice. While <see cref="GatheredTokens"/> says so, new ones wait and are written together
/// before the answer goes out: one statement's way to the database instead of three. Until then only the request that makes them knows them.
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

    public override ValueTask UpdateAsync(Token token, CancellationToken cancellationToken) =>
        gathered.IsOpen && db.Entry(token).State == EntityState.Added ? ValueTask.CompletedTask : base.UpdateAsync(token, cancellationToken);
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
internal sealed class GatheredTokens
{
    /// <summary>Whether they wait.</summary>
    public bool IsOpen { get; set; }
}

/// <summary>From here on the tokens of a refresh wait.</summary>
internal sealed class GatherTokens(GatheredTokens gathered) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        gathered.IsOpen = context.EndpointType == OpenIddictServerEndpointType.Token && context.Request.IsRefreshTokenGrantType();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Writes the tokens that wait, before anything of them is answered.</summary>
internal sealed class WriteGatheredTokens(GatheredTokens gathered, IdentityDbContext db) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (gathered.IsOpen)
        {
            gathered.IsOpen = false;
            await db.SaveChangesAsync(context.CancellationToken);
        }
    }
}
