using System.Text.RegularExpressions;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Sessions;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BotGeneric.Identity.TokenServer.Clients;

/// <summary>What is wrong with a definition: the field, and the key of the text.</summary>
public sealed record ClientProblem(string Field, string Code);

/// <summary>Why a client was not changed.</summary>
internal enum ClientRefusal
{
    /// <summary>There is no such client.</summary>
    NotFound,

    /// <summary>Another one has this id.</summary>
    Exists,

    /// <summary>The configuration keeps it.</summary>
    Configured,

    /// <summary>A public client has no secret.</summary>
    Public,
}

/// <summary>The client applications, as admins manage them. Every change is audited in the transaction in which it is made.</summary>
internal sealed partial class ClientCatalogue(
    IOpenIddictApplicationManager clients, IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager authorizations, IdentityDbContext db,
    DeviceSessions devices, AuditTrail audit)
{
    private const int MaximumAddresses = 20;

    /// <summary>Every client, by id.</summary>
    public async Task<IReadOnlyList<ClientDefinition>> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<ClientDefinition>();
        await foreach (var client in clients.ListAsync(null, null, cancellationToken))
        {
            all.Add(ClientDefinition.Of(await DescribeAsync(client, cancellationToken)));
        }

        return [.. all.OrderBy(client => client.ClientId, StringComparer.Ordinal)];
    }

    /// <summary>One client; null: none.</summary>
    public async Task<ClientDefinition?> FindAsync(string clientId, CancellationToken cancellationToken) =>
        await clients.FindByClientIdAsync(clientId, cancellationToken) is { } client
            ? ClientDefinition.Of(await DescribeAsync(client, cancellationToken))
            : null;

    /// <summary>What is wrong with a definition; empty: nothing.</summary>
    public static IReadOnlyList<ClientProblem> Check(ClientDefinition client)
    {
        var problems = new List<ClientProblem>();
        Demand(ClientIds().IsMatch(client.ClientId), "clientId", "client-id");
        Demand(client.DisplayName.Trim().Length is > 0 and <= 100, "displayName", "name");
        Demand(client.Grants.Count > 0 && client.Grants.All(ClientDefinition.AllGrants.Contains), "grants", "grants");
        Demand(client.Scopes.All(TokenServerNames.Scopes.Contains), "scopes", "scopes");
        Demand(client.RedirectUris.Count <= MaximumAddresses && client.RedirectUris.All(RedirectAddress.IsValid), "redirectUris", "addresses");
        Demand(
            client.PostLogoutRedirectUris.Count <= MaximumAddresses && client.PostLogoutRedirectUris.All(RedirectAddress.IsValid), "postLogoutRedirectUris", "addresses");
        Demand(!client.Grants.Contains(GrantTypes.AuthorizationCode) || client.RedirectUris.Count > 0, "redirectUris", "address-missing");
        Demand(
            client.IsConfidential || !client.Grants.Any(grant => grant is GrantTypes.ClientCredentials or GrantTypes.TokenExchange), "grants", "grants-public");
        Demand(client.IsConfidential || !client.MayIntrospect, "mayIntrospect", "introspect-public");
        Demand(
            !client.MayImpersonate || (client.IsConfidential && client.IsFirstParty && client.Grants.Contains(GrantTypes.TokenExchange)), "mayImpersonate", "impersonate");
        Demand(client.IdTokenAlgorithm is Keys.KeyMaterial.ES256 or Keys.KeyMaterial.RS256, "idTokenAlgorithm", "algorithm");
        return problems;

        void Demand(bool isMet, string field, string code)
        {
            if (!isMet)
            {
                problems.Add(new ClientProblem(field, code));
            }
        }
    }

    /// <summary>Registers a client that <see cref="Check"/> found nothing wrong with.</summary>
    /// <returns>The secret, which nobody can see again (null for a public client), or why not.</returns>
    public async Task<(string? Secret, ClientRefusal? Refusal)> CreateAsync(ClientDefinition definition, Guid? actorId, CancellationToken cancellationToken)
    {
        if (await clients.FindByClientIdAsync(definition.ClientId, cancellationToken) is not null)
        {
            return (null, ClientRefusal.Exists);
        }

        var descriptor = new OpenIddictApplicationDescriptor();
        definition.Populate(descriptor);
        var secret = definition.IsConfidential ? Secrets.Create() : null;
        descriptor.ClientSecret = secret;
        audit.Add(AuditActions.ClientCreated, null, target: definition.ClientId, actorId: actorId);
        try
        {
            await clients.CreateAsync(descriptor, cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
        {
            return (null, ClientRefusal.Exists);
        }

        return (secret, null);
    }

    /// <summary>Changes a client; its id and its kind stay.</summary>
    public async Task<ClientRefusal?> UpdateAsync(ClientDefinition definition, Guid? actorId, CancellationToken cancellationToken)
    {
        var (client, descriptor, refusal) = await ChangeableAsync(definition.ClientId, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        definition.Populate(descriptor!);
        audit.Add(AuditActions.ClientChanged, null, target: definition.ClientId, actorId: actorId);
        await clients.UpdateAsync(client!, descriptor!, cancellationToken);
        return null;
    }

    /// <summary>Gives a client a new secret; the old one stops working at once.</summary>
    public async Task<(string? Secret, ClientRefusal? Refusal)> RotateSecretAsync(string clientId, Guid? actorId, CancellationToken cancellationToken)
    {
        var (client, descriptor, refusal) = await ChangeableAsync(clientId, cancellationToken);
        if (refusal is not null || descriptor!.ClientType != ClientTypes.Confidential)
        {
            return (null, refusal ?? ClientRefusal.Public);
        }

        var secret = Secrets.Create();
        descriptor.ClientSecret = secret;
        audit.Add(
            AuditActions.ClientChanged, null, target: clientId, actorId: actorId, details: new Dictionary<string, string?> { ["secret"] = "rotated" });
        await clients.UpdateAsync(client!, descriptor, cancellationToken);
        return (secret, null);
    }

    /// <summary>Removes a client, with everything it was given, and ends the sessions of its devices.</summary>
    public async Task<ClientRefusal?> DeleteAsync(string clientId, Guid? actorId, CancellationToken cancellationToken)
    {
        var (client, _, refusal) = await ChangeableAsync(clientId, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var id = (await clients.GetIdAsync(client!, cancellationToken))!;
        // In this order: a device that comes for what was allowed holds the consent before it writes tokens.
        await authorizations.RevokeByApplicationIdAsync(id, cancellationToken);
        await tokens.RevokeByApplicationIdAsync(id, cancellationToken);
        // Before the entries: see AuditLast.
        await clients.DeleteAsync(client!, cancellationToken);
        await devices.EndAllAsync(clientId, actorId, cancellationToken);
        audit.Add(AuditActions.ClientRemoved, null, target: clientId, actorId: actorId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private async Task<(object? Client, OpenIddictApplicationDescriptor? Descriptor, ClientRefusal? Refusal)> ChangeableAsync(
        string clientId, CancellationToken cancellationToken)
    {
        if (await clients.FindByClientIdAsync(clientId, cancellationToken) is not { } client)
        {
            return (null, null, ClientRefusal.NotFound);
        }

        var descriptor = await DescribeAsync(client, cancellationToken);
        return ClientDefinition.Of(descriptor).IsConfigured ? (null, null, ClientRefusal.Configured) : (client, descriptor, null);
    }

    private async Task<OpenIddictApplicationDescriptor> DescribeAsync(object client, CancellationToken cancellationToken)
    {
        var descriptor = new OpenIddictApplicationDescriptor();
        await clients.PopulateAsync(descriptor, client, cancellationToken);
        return descriptor;
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{1,63}$")]
    private static partial Regex ClientIds();
}
