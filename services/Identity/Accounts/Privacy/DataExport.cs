using System.IO.Pipelines;
using System.Text.Json;
using BotGeneric.Identity.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Accounts.Privacy;

/// <summary>Everything that this service holds of a person, as one JSON document; written piece by piece, whatever its size. Secrets and hashes are no part of it.</summary>
public sealed class DataExport(IdentityDbContext db, TimeProvider time)
{
    /// <summary>Writes the document.</summary>
    /// <param name="user">The person.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task WriteAsync(User user, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        // Through a pipe: the serializer flushes its writer synchronously, which a response does not allow.
        var pipe = PipeWriter.Create(output);
        await using var json = new Utf8JsonWriter(pipe, new JsonWriterOptions { Indented = true });
        var id = user.Id;
        // What was noted of accounts that became part of this one.
        Guid[] ids = [id, .. await db.Users.Where(other => other.MergedIntoId == id).Select(other => other.Id).ToListAsync(cancellationToken)];
        json.WriteStartObject();
        json.WriteString("exportedAt", time.GetUtcNow());
        Write(json, "profile", new
        {
            user.Id,
            user.Email,
            user.DisplayName,
            user.AvatarUrl,
            user.Language,
            user.TimeZone,
            user.Roles,
            user.CreatedAt,
            user.State,
            user.DeletionRequestedAt,
            hasPassword = user.PasswordHash is not null,
            hasAuthenticator = user.TwoFactorEnabled,
        });
        await WriteAllAsync(json, pipe, "sessions", db.Sessions.Where(session => ids.Contains(session.UserId)).OrderBy(session => session.Id).Select(session => new
        {
            session.Id,
            session.CreatedAt,
            session.LastSeenAt,
            session.ExpiresAt,
            session.RevokedAt,
            session.AuthenticatedAt,
            session.Methods,
            application = session.ClientId,
            // Where the operator's staff sit is not the person's.
            IpAddress = session.ActorId == null ? session.IpAddress : null,
            UserAgent = session.ActorId == null ? session.UserAgent : null,
            session.OrganizationId,
            byStaff = session.ActorId != null,
        }), cancellationToken);
        await WriteAllAsync(json, pipe, "linkedAccounts", db.ExternalIdentities.Where(link => link.UserId == id).Select(link => new
        {
            link.Provider,
            link.Subject,
            link.ProviderUserId,
            link.Email,
            link.DisplayName,
            link.LinkedAt,
            link.LastUsedAt,
        }), cancellationToken);
        await WriteAllAsync(json, pipe, "passkeys", db.Set<IdentityUserPasskey<Guid>>().Where(passkey => passkey.UserId == id)
            .Select(passkey => new { passkey.Data.Name, passkey.Data.CreatedAt }), cancellationToken);
        await WriteAllAsync(json, pipe, "keys", db.ApiKeys.Where(key => key.UserId == id).OrderBy(key => key.Id).Select(key => new
        {
            key.Id,
            key.KeyId,
            key.Name,
            key.Scopes,
            key.AllowedNetworks,
            key.OrganizationId,
            key.CreatedAt,
            key.ExpiresAt,
            key.RevokedAt,
            key.LastUsedAt,
        }), cancellationToken);
        await WriteAllAsync(json, pipe, "organizations", db.Memberships.Where(member => member.UserId == id)
            .Join(db.Organizations, member => member.OrganizationId, organization => organization.Id,
                (member, organization) => new { organization.Id, organization.Name, member.Role, member.JoinedAt }), cancellationToken);
        await WriteAllAsync(json, pipe, "invitations", db.Invitations
            .Where(invitation => user.NormalizedEmail != null && invitation.NormalizedEmail == user.NormalizedEmail)
            .Select(invitation => new { invitation.OrganizationId, invitation.Role, invitation.CreatedAt, invitation.AcceptedAt, invitation.RevokedAt }), cancellationToken);
        await WriteAllAsync(json, pipe, "deletions", db.Erasures.Where(erasure => erasure.UserId == id)
            .Select(erasure => new { erasure.RequestedAt, erasure.DueAt, erasure.CancelledAt }), cancellationToken);
        await WriteAllAsync(json, pipe, "history", db.AuditEntries.Where(entry => ids.Contains(entry.UserId!.Value) || ids.Contains(entry.ActorId!.Value)).OrderBy(entry => entry.Sequence).Select(entry => new
        {
            entry.At,
            entry.Action,
            entry.Outcome,
            entry.OrganizationId,
            entry.Target,
            // Where it was somebody else who acted, the address is theirs.
            IpAddress = entry.ImpersonatorId == null && ids.Contains(entry.ActorId!.Value) ? entry.IpAddress : null,
            UserAgent = entry.ImpersonatorId == null && ids.Contains(entry.ActorId!.Value) ? entry.UserAgent : null,
        }), cancellationToken);
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
        await pipe.CompleteAsync();
    }

    private static void Write<T>(Utf8JsonWriter json, string name, T value)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, JsonSerializerOptions.Web);
    }

    private static async Task WriteAllAsync<T>(
        Utf8JsonWriter json, PipeWriter pipe, string name, IQueryable<T> rows, CancellationToken cancellationToken)
    {
        json.WriteStartArray(name);
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            JsonSerializer.Serialize(json, row, JsonSerializerOptions.Web);
            await pipe.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
    }
}
