using System.ComponentModel;
using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Domain;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>Keys with which programs act in a person's or an organization's name.</summary>
public static class KeysApi
{
    /// <summary>Maps <c>/api/keys</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapKeysApi(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/keys").WithTags("Keys").RequirePerson();
        var read = group.MapGroup(string.Empty).RequireScope(ApiScopes.UsersRead);
        read.MapGet("/", ListAsync).WithSummary("List keys");
        read.MapGet("/{id:guid}", FindAsync).WithSummary("See a key");

        var write = group.MapGroup(string.Empty).RequireScope(ApiScopes.UsersWrite);
        var making = write.MapGroup(string.Empty).RequireOwnApplication().RequireFreshSessionOrKey();
        making.MapPost("/", CreateAsync).WithIdempotencyKey(IdempotentAnswer.Withheld).WithSummary("Create a key");
        making.MapPatch("/{id:guid}", ChangeAsync).WithSummary("Change a key's name and restrictions");
        write.MapDelete("/{id:guid}", RevokeAsync).WithSummary("Revoke a key");
        making.MapPost("/{id:guid}/rotate", RotateAsync).WithIdempotencyKey(IdempotentAnswer.Withheld).WithSummary("Rotate a key");
    }

    /// <summary>
    /// Keys, newest first, never the secrets: one's own, or those of an organization that one owns or administers. Revoked ones are listed too.
    /// </summary>
    internal static async Task<Results<Ok<Page<KeyDetail>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal user,
        HttpContext context,
        KeyRules rules,
        TimeProvider time,
        CancellationToken cancellationToken,
        [Description("Only keys of this organization; without it one's personal keys.")] Guid? organizationId = null,
        [Description("From the previous page's nextCursor.")] string? cursor = null,
        [Description("1 to 200, 50 by default.")] int? limit = null)
    {
        var request = PageRequest<Organizations.IdPosition>.Read(cursor, limit);
        if (request.Problem is { } problem)
        {
            return problem;
        }

        if (organizationId is { } organization
            && await rules.RefusalToSeeAsync(organization, user.PersonId()!.Value, cancellationToken) is { } refusal)
        {
            return refusal.Problem(KeyTexts.Get, context);
        }

        var query = rules.SeenBy(user.PersonId()!.Value).AsNoTracking().Where(key => key.OrganizationId == organizationId);
        if (request.After is { } after)
        {
            query = query.Where(key => key.Id < after.Id);
        }

        var now = time.GetUtcNow();
        var rows = await query.OrderByDescending(key => key.Id).Take(request.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page<KeyDetail>.From(
            [.. rows.Select(key => KeyDetail.From(key, now))], request.Size, key => new Organizations.IdPosition(key.Id)));
    }

    /// <summary>A key, without its secret.</summary>
    internal static async Task<Results<Ok<KeyDetail>, ProblemHttpResult>> FindAsync(
        [Description("The key's number.")] Guid id, ClaimsPrincipal user, HttpContext context, KeyRules rules, TimeProvider time,
        CancellationToken cancellationToken) =>
        await rules.SeenBy(user.PersonId()!.Value).AsNoTracking().SingleOrDefaultAsync(key => key.Id == id, cancellationToken) is { } found
            ? TypedResults.Ok(KeyDetail.From(found, time.GetUtcNow()))
            : KeyRefusals.NotFound.Problem(KeyTexts.Get, context);

    /// <summary>
    /// Creates a key. The answer holds the whole key: it is shown now and never again. A key is never wider than the credential that creates it: each of
    /// its scopes must be among the caller's (403), and a key that creates keys passes its own restrictions on. A person must have shown a credential within
    /// the last 5 minutes (401 with <c>insufficient_user_authentication</c> otherwise), in an application of the operator (403). With an <c>Idempotency-Key</c> a repeated
    /// request is 409 instead of the first answer, because the secret is not kept.
    /// </summary>
    internal static async Task<Results<Created<CreatedKey>, ProblemHttpResult>> CreateAsync(
        [FromBody] NewKey body, ClaimsPrincipal user, HttpContext context, ApiKeyService keys, TimeProvider time, CancellationToken cancellationToken)
    {
        var made = await keys.CreateAsync(
            KeyMaker.Of(user),
            new KeyRequest(body.OrganizationId, body.Name, body.Scopes, body.ExpiresAt, body.AllowedNetworks, body.RequestsPerMinute),
            cancellationToken);
        return Created(made, context, time);
    }

    /// <summary>Changes a key's name and restrictions; what is not sent stays. Its scopes and its expiry never change. Demands what creating one does.</summary>
    internal static async Task<Results<Ok<KeyDetail>, ProblemHttpResult>> ChangeAsync(
        [Description("The key's number.")] Guid id, [FromBody] KeyChange body, ClaimsPrincipal user, HttpContext context, ApiKeyService keys,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var changed = await keys.RestrictAsync(
            KeyMaker.Of(user), id,
            key => new KeyRestrictions(
                body.Name ?? key.Name, body.AllowedNetworks ?? key.AllowedNetworks, body.RequestsPerMinute.ValueKind == JsonValueKind.Undefined ? key.RequestsPerMinute : ReadLimit(body.RequestsPerMinute)),
            cancellationToken);
        return changed.IsDone ? TypedResults.Ok(KeyDetail.From(changed.Value, time.GetUtcNow())) : changed.Refusal.Problem(KeyTexts.Get, context);
    }

    /// <summary>Revokes a key. It is refused everywhere within a second; revoking it again changes nothing.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        [Description("The key's number.")] Guid id, ClaimsPrincipal user, HttpContext context, ApiKeyService keys, CancellationToken cancellationToken)
    {
        var revoked = await keys.RevokeAsync(user.PersonId()!.Value, id, cancellationToken);
        return revoked.IsDone ? TypedResults.NoContent() : revoked.Refusal.Problem(KeyTexts.Get, context);
    }

    /// <summary>
    /// Creates the key that takes the place of another, with the same rights and restrictions. The old one goes on working for the overlap. Only the person
    /// for whom the key acts can do it. Demands what creating one does. One successor at a time: 409 for a key that has one.
    /// </summary>
    internal static async Task<Results<Created<CreatedKey>, ProblemHttpResult>> RotateAsync(
        [Description("The number of the key.")] Guid id, [FromBody] KeyRotation body, ClaimsPrincipal user, HttpContext context, ApiKeyService keys,
        TimeProvider time, CancellationToken cancellationToken) =>
        Created(
            await keys.RotateAsync(KeyMaker.Of(user), id, body.OverlapHours is { } hours ? TimeSpan.FromHours(Math.Clamp(hours, -1, 1000)) : null, cancellationToken),
            context, time);

    private static Results<Created<CreatedKey>, ProblemHttpResult> Created(Outcome<MadeKey> made, HttpContext context, TimeProvider time)
    {
        if (!made.IsDone)
        {
            return made.Refusal.Problem(KeyTexts.Get, context);
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            $"/api/keys/{made.Value.Key.Id}", new CreatedKey(made.Value.Secret, KeyDetail.From(made.Value.Key, time.GetUtcNow())));
    }

    // Left out and null say different things here, which a nullable number could not tell. What is no whole number is refused as one out of range is.
    private static int? ReadLimit(JsonElement sent) => sent.ValueKind == JsonValueKind.Null ? null
        : sent.ValueKind == JsonValueKind.Number && sent.TryGetInt32(out var value) ? value
        : 0;
}

/// <summary>A key, without its secret.</summary>
/// <param name="Id">Its number.</param>
/// <param name="KeyId">The eight characters after <c>bg_live_</c> in the key, by which it can be told from others.</param>
/// <param name="Name">What it is called.</param>
/// <param name="OrganizationId">The organization in whose name it acts; null: in the person's own.</param>
/// <param name="UserId">For whom it acts.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="AllowedNetworks">From where it may be used, as CIDR; empty: from anywhere.</param>
/// <param name="RequestsPerMinute">Its own limit; null: only those of the account.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="ExpiresAt">Until when it works, UTC; null: until it is revoked.</param>
/// <param name="LastUsedAt">When it was used last, UTC, to the minute; null: never.</param>
/// <param name="RevokedAt">When it was revoked, UTC.</param>
/// <param name="RotatedFrom">The number of the key that it takes the place of.</param>
/// <param name="State"><c>active</c>, <c>expired</c> or <c>revoked</c>.</param>
public sealed record KeyDetail(
    Guid Id,
    string KeyId,
    string Name,
    Guid? OrganizationId,
    Guid UserId,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> AllowedNetworks,
    int? RequestsPerMinute,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt,
    Guid? RotatedFrom,
    string State)
{
    /// <summary>Since when it does not work, UTC; null while it does. It may have run out before it was revoked.</summary>
    internal DateTimeOffset? EndedAt => State == "active" ? null : ExpiresAt < RevokedAt ? ExpiresAt : RevokedAt ?? ExpiresAt;

    internal static KeyDetail From(ApiKey key, DateTimeOffset now) => new(
        key.Id, key.KeyId, key.Name, key.OrganizationId, key.UserId, key.Scopes, key.AllowedNetworks, key.RequestsPerMinute, key.CreatedAt,
        key.ExpiresAt, key.LastUsedAt, key.RevokedAt, key.RotatedFrom,
        key.RevokedAt is not null ? "revoked" : key.IsAlive(now) ? "active" : "expired");
}

/// <summary>A key that was just created.</summary>
/// <param name="Secret">The whole key. Keep it: it is not shown again.</param>
/// <param name="Key">What can be seen of it later.</param>
public sealed record CreatedKey(string Secret, KeyDetail Key);

/// <summary>A key to create.</summary>
/// <param name="Name">What it is called: 1 to 100 characters on one line.</param>
/// <param name="Scopes">What it may do: at least one scope, each among the caller's own.</param>
/// <param name="OrganizationId">The organization in whose name it acts; left out: in the person's own. For its owner and admins.</param>
/// <param name="ExpiresAt">Until when it works, up to a year from now; left out: until it is revoked.</param>
/// <param name="AllowedNetworks">From where it may be used: up to 50 networks or addresses, such as <c>192.0.2.0/24</c>; left out: from anywhere.</param>
/// <param name="RequestsPerMinute">Its own limit; left out: only those of the account.</param>
public sealed record NewKey(
    string Name, IReadOnlyList<string> Scopes, Guid? OrganizationId = null, DateTimeOffset? ExpiresAt = null, IReadOnlyList<string>? AllowedNetworks = null,
    int? RequestsPerMinute = null);

/// <summary>What is to change about a key; what is left out stays.</summary>
public sealed record KeyChange
{
    /// <summary>What it is called.</summary>
    public string? Name { get; init; }

    /// <summary>From where it may be used; an empty list: from anywhere.</summary>
    public IReadOnlyList<string>? AllowedNetworks { get; init; }

    /// <summary>Its own limit, a whole number; null: only those of the account.</summary>
    public JsonElement RequestsPerMinute { get; init; }
}

/// <summary>How a key is rotated.</summary>
/// <param name="OverlapHours">How many hours the old key goes on working: 0 to 168; left out: 24, unless the operator set another time.</param>
public sealed record KeyRotation(int? OverlapHours = null);
