using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.Support.People;
using BotGeneric.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests;

/// <summary>The audit log and what is written with it.</summary>
public sealed class AuditOrderTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    [Fact]
    public async Task Whoever_waits_for_a_person_does_not_hold_the_log()
    {
        var person = await identity.CreatePersonAsync("person");
        await using var first = identity.Services.CreateAsyncScope();
        await using var second = identity.Services.CreateAsyncScope();
        var (holder, waiter) = (Database(first), Database(second));
        await using var transaction = await holder.Database.BeginTransactionAsync();
        await holder.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE id = {person.Id} FOR NO KEY UPDATE");
        (await waiter.Users.SingleAsync(user => user.Id == person.Id)).DisplayName = "Somebody else";
        second.ServiceProvider.GetRequiredService<AuditTrail>().Add(AuditActions.ProfileChanged, person.Id);

        var waiting = waiter.SaveChangesAsync();
        await Eventually.GetAsync(
            () => identity.WithDatabaseAsync(db => db.Database.SqlQuery<bool>(
                $"SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS \"Value\"").SingleAsync()),
            isWaiting => isWaiting,
            "the second change to wait for the first");
        first.ServiceProvider.GetRequiredService<AuditTrail>().Add(AuditActions.UserLocked, person.Id);
        await holder.SaveChangesAsync();
        await transaction.CommitAsync();

        // Not one of them was broken off, the entries are in the order in which the changes were committed.
        await waiting;
        Assert.Equal(
            [AuditActions.UserLocked, AuditActions.ProfileChanged],
            await identity.WithDatabaseAsync(db => db.AuditEntries
                .Where(entry => entry.UserId == person.Id && (entry.Action == AuditActions.UserLocked || entry.Action == AuditActions.ProfileChanged))
                .OrderBy(entry => entry.Sequence).Select(entry => entry.Action).ToListAsync()));
    }

    [Fact]
    public async Task Entries_and_what_they_tell_of_are_saved_together_or_not_at_all()
    {
        var person = await identity.CreatePersonAsync("person");
        await using var scope = identity.Services.CreateAsyncScope();
        var db = Database(scope);
        db.Users.Add(User.Create(identity.Time.GetUtcNow(), "en", "somebody@example.com"));
        var invalid = new AuditEntry { At = identity.Time.GetUtcNow(), Action = new string('x', 1000), Outcome = AuditTrail.Success, UserId = person.Id };
        db.AuditEntries.Add(invalid);

        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());

        Assert.False(await identity.WithDatabaseAsync(other => other.Users.AnyAsync(user => user.Email == "somebody@example.com")));
    }

    private static IdentityDbContext Database(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
}
