using System.Text.Json;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Privacy.V1;
using BotGeneric.Messaging;
using BotGeneric.Messaging.Data;
using BotGeneric.Messaging.Privacy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Testing.Services;

/// <summary>The deletion of a person as a service hears it.</summary>
public static class ErasureCalls
{
    /// <summary>Handles a deletion as the consumer does: in one transaction, with the handler that the service has registered.</summary>
    /// <typeparam name="TDbContext">The service's database.</typeparam>
    /// <param name="services">The service's own services.</param>
    /// <param name="userId">The person.</param>
    /// <returns>The answer, as it stood in the outbox when the transaction was committed.</returns>
    public static async Task<UserErased> EraseAsync<TDbContext>(this IServiceProvider services, Guid userId)
        where TDbContext : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var deleted = new UserDeleted { EventId = Guid.CreateVersion7(), OccurredAt = TimeProvider.System.GetUtcNow(), UserId = userId };
        await scope.ServiceProvider.GetRequiredService<PersonErasure<TDbContext>>().HandleAsync(deleted, db, CancellationToken.None);
        await db.SaveChangesAsync();
        // What an earlier erasure of the same person has answered may still be there: this one's answer is the last.
        var answers = await db.Set<OutboxMessage>().AsNoTracking().Where(row => row.Type == EventName.Of(typeof(UserErased))).OrderBy(row => row.Sequence).ToListAsync();
        await transaction.CommitAsync();
        return answers.Select(row => JsonSerializer.Deserialize<UserErased>(row.Body, JsonSerializerOptions.Web)!).Last(answer => answer.UserId == userId);
    }

    /// <summary>Puts a message that could not be handled aside.</summary>
    /// <typeparam name="TDbContext">The service's database.</typeparam>
    /// <param name="services">The service's own services.</param>
    /// <param name="type">The event's name on the wire.</param>
    /// <param name="body">The message.</param>
    /// <returns>The dead letter.</returns>
    public static async Task<Guid> PutAsideAsync<TDbContext>(this IServiceProvider services, string type, string body)
        where TDbContext : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        var now = TimeProvider.System.GetUtcNow();
        var letter = new DeadLetter
        {
            Id = Guid.CreateVersion7(),
            Direction = DeadLetterDirections.Consume,
            Queue = "tests.put-aside",
            MessageId = Guid.CreateVersion7(),
            Type = type,
            Body = System.Text.Encoding.UTF8.GetBytes(body),
            Error = "tests",
            Attempts = 1,
            FirstFailedAt = now,
            LastFailedAt = now,
        };
        db.Add(letter);
        await db.SaveChangesAsync();
        return letter.Id;
    }

    /// <summary>Which of these dead letters are still there.</summary>
    /// <typeparam name="TDbContext">The service's database.</typeparam>
    /// <param name="services">The service's own services.</param>
    /// <param name="ids">The dead letters.</param>
    public static async Task<IReadOnlyList<Guid>> StillAsideAsync<TDbContext>(this IServiceProvider services, params Guid[] ids)
        where TDbContext : DbContext
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TDbContext>().Set<DeadLetter>()
            .Where(letter => ids.Contains(letter.Id)).Select(letter => letter.Id).ToListAsync();
    }
}
