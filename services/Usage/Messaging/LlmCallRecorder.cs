using BotGeneric.Contracts.Agents.V1;
using BotGeneric.Messaging;
using BotGeneric.Usage.Data;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ingest;
using BotGeneric.Usage.Ledger;
using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Messaging;

/// <summary>
/// Records the calls that Agents tells of. They go the way of everything else that is reported; should the message come again after they were recorded, its
/// event's id makes them duplicates.
/// </summary>
internal sealed class LlmCallRecorder(LedgerQueue ledger, IOptions<UsageOptions> options, TimeProvider timeProvider)
    : IBatchEventHandler<LlmCallCompleted, UsageDbContext>
{
    /// <summary>The source of these entries.</summary>
    public const string Source = "urn:bot-generic:agents";

    public Task HandleAsync(IReadOnlyList<ReceivedEvent<LlmCallCompleted>> events, UsageDbContext db, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        return ledger.AppendAsync([.. events.Select(received => Read(received.Event, now))]).WaitAsync(cancellationToken);
    }

    private LedgerEntry Read(LlmCallCompleted call, DateTimeOffset now)
    {
        var time = call.OccurredAt.ToUniversalTime();
        if (time > now + options.Value.MaximumLead || time < now - options.Value.MaximumAge)
        {
            throw new UnprocessableEventException($"The call's time {time:O} is not one that the ledger takes at {now:O}.");
        }

        return new LedgerEntry
        {
            Id = Guid.CreateVersion7(now),
            AccountId = Known(call.AccountId) ?? throw new UnprocessableEventException("The call's account is the nil UUID, which is nobody's."),
            UserId = Known(call.UserId),
            ApiKeyId = OptionalName(call.ApiKeyId),
            Source = Source,
            SourceId = call.EventId.ToString(),
            Time = time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond)),
            RecordedAt = now,
            Feature = Name(call.Feature),
            Channel = OptionalName(call.Channel),
            Provider = Name(call.Provider),
            Model = Name(call.Model),
            HoldId = Known(call.HoldId),
            InputTokens = Tokens(call.InputTokens),
            CachedInputTokens = Tokens(call.CachedInputTokens),
            CacheWriteTokens = Tokens(call.CacheWriteTokens),
            OutputTokens = Tokens(call.OutputTokens),
            ReasoningTokens = Tokens(call.ReasoningTokens),
        };
    }

    private static Guid? Known(Guid? id) => id == Guid.Empty ? null : id;

    private static string? OptionalName(string? text) => text is null ? null : Name(text);

    private static string Name(string text) => text is { Length: > 0 and <= CloudEventLimits.MaximumNameLength } && !text.Contains('\0')
        ? text
        : throw new UnprocessableEventException($"A name of the call is empty, longer than {CloudEventLimits.MaximumNameLength} characters or holds U+0000.");

    private static long Tokens(long tokens) => tokens is >= 0 and <= CloudEventLimits.MaximumTokens
        ? tokens
        : throw new UnprocessableEventException($"A pool of the call has {tokens} tokens; the ledger takes 0 to {CloudEventLimits.MaximumTokens}.");
}
