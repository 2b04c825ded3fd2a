using BotGeneric.Contracts.Agents.V1;
using BotGeneric.Messaging;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Usage.Tests;

/// <summary>Calls that Agents tells of.</summary>
public sealed class LlmCallTests(UsageApplication application) : IClassFixture<UsageApplication>
{
    private readonly Guid _account = Guid.CreateVersion7();

    [Fact]
    public async Task A_call_is_recorded_once_with_all_that_is_said_of_it()
    {
        var call = Call() with { UserId = Guid.CreateVersion7(), HoldId = Guid.CreateVersion7(), ApiKeyId = "key_1", Channel = "telegram", OutputTokens = 7 };

        await HandleAsync(call, Call(), call);
        await HandleAsync(call);

        var rows = await RowsAsync();
        Assert.Equal(2, rows.Count);
        var row = rows.Single(row => row.SourceId == call.EventId.ToString());
        Assert.Equal(
            (LlmCallRecorder.Source, call.UserId, call.HoldId, call.ApiKeyId, call.Channel, 7L, 1L),
            (row.Source, row.UserId, row.HoldId, row.ApiKeyId, row.Channel, row.OutputTokens, row.Requests));
    }

    [Fact]
    public async Task A_call_that_can_never_be_recorded_is_said_to_be_unprocessable()
    {
        await Assert.ThrowsAsync<UnprocessableEventException>(() => HandleAsync(Call() with { InputTokens = -1 }));
        await Assert.ThrowsAsync<UnprocessableEventException>(() => HandleAsync(Call() with { Feature = new string('x', 101) }));
        await Assert.ThrowsAsync<UnprocessableEventException>(() => HandleAsync(Call() with { OccurredAt = TimeProvider.System.GetUtcNow().AddDays(1) }));
        Assert.Empty(await RowsAsync());
    }

    private LlmCallCompleted Call() => new()
    {
        EventId = Guid.CreateVersion7(),
        OccurredAt = TimeProvider.System.GetUtcNow(),
        AccountId = _account,
        Feature = "chat",
        Provider = "openai",
        Model = "gpt-4o-mini",
        InputTokens = 5,
    };

    private async Task HandleAsync(params LlmCallCompleted[] calls)
    {
        await using var scope = application.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<LlmCallRecorder>().HandleAsync(
            [.. calls.Select(call => new ReceivedEvent<LlmCallCompleted>(call, default))],
            scope.ServiceProvider.GetRequiredService<UsageDbContext>(),
            CancellationToken.None);
    }

    private async Task<List<LedgerEntry>> RowsAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UsageDbContext>().Ledger.AsNoTracking().Where(row => row.AccountId == _account).ToListAsync();
    }
}
