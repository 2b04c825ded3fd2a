using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Contracts.Privacy.V1;
using BotGeneric.Identity.Accounts.Privacy;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Messaging;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Accounts;

/// <summary>When a deletion is complete.</summary>
public sealed class ErasureAnswerTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Fact]
    public void Every_service_that_hears_of_a_deletion_is_waited_for() => Assert.Equal(
        ErasureServices.All.Order(StringComparer.Ordinal),
        MessagingTopology.Default.Routes.Single(route => route.EventType == typeof(UserDeleted)).Queues
            .Select(queue => queue.Name.Split('.')[0]).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_deletion_is_complete_when_every_service_has_answered_and_not_before()
    {
        var person = await BeginAsync();
        foreach (var service in ErasureServices.All.Skip(1))
        {
            await AnswerAsync(person, service);
            await AnswerAsync(person, service);
            Assert.Null(await CompletedAsync(person));
        }

        await AnswerAsync(person, ErasureServices.All[0]);

        var completed = await CompletedAsync(person);
        Assert.NotNull(completed);
        await AnswerAsync(person, ErasureServices.All[0]);
        Assert.Equal(completed, await CompletedAsync(person));
    }

    [Fact]
    public async Task Answers_at_the_same_moment_complete_it_too()
    {
        var person = await BeginAsync();

        await Task.WhenAll(ErasureServices.All.Select(service => AnswerAsync(person, service)));

        Assert.NotNull(await CompletedAsync(person));
    }

    [Fact]
    public async Task An_answer_that_nobody_waits_for_is_put_aside()
    {
        var person = await BeginAsync();

        await Assert.ThrowsAsync<UnprocessableEventException>(() => AnswerAsync(person, "landing"));
        await Assert.ThrowsAsync<UnprocessableEventException>(() => AnswerAsync(Guid.CreateVersion7(), "billing"));
    }

    private async Task<Guid> BeginAsync()
    {
        var person = Guid.CreateVersion7();
        var erasure = Erasure.Request(person, identity.Clock.GetUtcNow(), TimeSpan.FromDays(30));
        erasure.Start(identity.Clock.GetUtcNow());
        await identity.WithDatabaseAsync(db =>
        {
            db.Erasures.Add(erasure);
            return db.SaveChangesAsync();
        });
        return person;
    }

    private async Task AnswerAsync(Guid person, string service)
    {
        await using var scope = identity.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var erased = new UserErased { EventId = Guid.CreateVersion7(), OccurredAt = identity.Clock.GetUtcNow(), UserId = person, Service = service };
        await scope.ServiceProvider.GetRequiredService<UserErasedHandler>().HandleAsync(erased, db, CancellationToken.None);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    private Task<DateTimeOffset?> CompletedAsync(Guid person) => identity.WithDatabaseAsync(db =>
        db.Erasures.AsNoTracking().Where(erasure => erasure.UserId == person).Select(erasure => erasure.CompletedAt).SingleAsync());
}
