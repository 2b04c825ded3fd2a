using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ingest;
using BotGeneric.Usage.Ledger;
using BotGeneric.Usage.Meters;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Usage.Api;

/// <summary>Where usage is reported.</summary>
public static class UsageEventsApi
{
    private const int MaximumBodyBytes = 5 * 1024 * 1024;

    /// <summary>Maps <c>POST /api/usage/events</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapUsageEventsApi(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/usage/events", RecordAsync)
            .RequireScope(ApiScopes.UsageWrite)
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes))
            .WithIdempotencyKey()
            .WithTags("Usage")
            .WithSummary("Record usage")
            .Accepts<JsonElement>("application/cloudevents+json", "application/cloudevents-batch+json", "application/json");

    /// <summary>
    /// Takes one CloudEvents 1.0 event, or an array of up to 1,000: calls of language models (type <c>llm.call.v1</c>) and events that the operator's meters
    /// measure. The answer comes after the commit and says for each event, in the order sent, whether it was stored, a duplicate, or invalid and why. Send the
    /// same events again after any failure: what is stored already is a duplicate and is not counted twice. An event is about the caller's own account, and
    /// is the caller's: <c>data.userId</c> and <c>data.apiKeyId</c> are the token's; only services and those who run the system report for others. 413 for more than 5 MB; 503 with <c>Retry-After</c> when too much waits to be recorded.
    /// </summary>
    internal static async Task<Results<Ok<RecordedUsage>, ProblemHttpResult>> RecordAsync(
        HttpRequest request, ClaimsPrincipal user, CloudEventReader reader, MeterCatalogue meters, LedgerQueue ledger, CancellationToken cancellationToken)
    {
        if (ledger.IsFull)
        {
            return Busy(request.HttpContext);
        }

        await meters.RefreshIfStaleAsync(cancellationToken);
        if (await ReadAsync(request, reader, cancellationToken) is not { } read)
        {
            return ApiProblems.Problem(
                StatusCodes.Status413PayloadTooLarge, $"A body has at most {MaximumBodyBytes} bytes. Send fewer events at once. Nothing was stored.");
        }

        if (read.Count < 0)
        {
            return ApiProblems.Invalid("$", "Send JSON: one CloudEvents event, which is an object, or an array of them. Nothing was stored.");
        }

        if (read.Count is 0 or > CloudEventLimits.MaximumBatch)
        {
            return ApiProblems.Invalid("$", $"Send 1 to {CloudEventLimits.MaximumBatch} events; this body has {read.Count}. Nothing was stored.");
        }

        var events = AsOwn(Caller.Of(user), read.Events);
        LedgerEntry[] entries = [.. events.Select(one => one.Entry).OfType<LedgerEntry>()];
        if (ledger.TryAppend(entries) is not { } recording)
        {
            return Busy(request.HttpContext);
        }

        // Who hangs up now has reported all the same: the entries are recorded with the others of their batch.
        return TypedResults.Ok(RecordedUsage.From(events, await recording.WaitAsync(cancellationToken)));
    }

    // Null for a body that is too large; a count below 0 for one that is neither an object nor an array of JSON.
    private static async Task<SentEvents?> ReadAsync(HttpRequest request, CloudEventReader reader, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(request, MaximumBodyBytes, cancellationToken);
        if (body is null)
        {
            return null;
        }

        try
        {
            var events = reader.Read(body.Bytes, out var count);
            return new SentEvents(events, count);
        }
        catch (JsonException)
        {
            return new SentEvents([], -1);
        }
    }

    private static ProblemHttpResult Busy(HttpContext context)
    {
        LedgerMetrics.RefusedReport();
        context.Response.Headers.RetryAfter = "1";
        return ApiProblems.Problem(
            StatusCodes.Status503ServiceUnavailable, "More usage is waiting to be recorded than can be taken at the moment. Nothing was stored; send it again.");
    }

    // For one event, as every other rule: a batch is not lost for a line that has strayed into it.
    private static IReadOnlyList<ReadEvent> AsOwn(Caller caller, IReadOnlyList<ReadEvent> events) =>
        caller.IsAdmin || caller.IsService ? events : [.. events.Select(read => AsOwn(caller, read))];

    private static ReadEvent AsOwn(Caller caller, ReadEvent read) => read.Entry switch
    {
        null => read,
        { } entry when entry.AccountId != caller.AccountId =>
            read with { Entry = null, Error = "subject must be your own account: the organization in whose name the token acts, else yourself." },
        { UserId: { } user } when user != caller.UserId => read with { Entry = null, Error = "data.userId must be yourself; leave it out. Only services report what others have done." },
        { ApiKeyId: { } key } when key != caller.KeyId => read with { Entry = null, Error = "data.apiKeyId must be the key that you report with; leave it out." },
        // Who leaves out who it was is counted all the same: nobody escapes a limit of their own by not naming themselves.
        { } entry => read with { Entry = entry with { UserId = caller.UserId, ApiKeyId = caller.KeyId } },
    };

    private sealed record SentEvents(IReadOnlyList<ReadEvent> Events, int Count);
}

/// <summary>What became of an event.</summary>
public enum EventOutcome
{
    /// <summary>It is in the ledger now.</summary>
    Stored,

    /// <summary>It was in the ledger already, or another event has settled its hold, and counts once.</summary>
    Duplicate,

    /// <summary>It cannot be stored; <c>error</c> says why.</summary>
    Invalid,
}

/// <summary>What became of the events of a request.</summary>
/// <param name="Stored">Events stored now.</param>
/// <param name="Duplicates">Events that were there already.</param>
/// <param name="Invalid">Events that cannot be stored.</param>
/// <param name="Items">Each event, in the order sent.</param>
public sealed record RecordedUsage(int Stored, int Duplicates, int Invalid, IReadOnlyList<RecordedEvent> Items)
{
    private const string SettledHold =
        "Another event has settled the hold: one hold, one event. It was not recorded. If it is another call, ask for a hold for each call; if not, keep the id of an event when you send it again.";

    internal static RecordedUsage From(IReadOnlyList<ReadEvent> events, bool[] stored)
    {
        var items = new RecordedEvent[events.Count];
        var (fresh, duplicates, next) = (0, 0, 0);
        for (var index = 0; index < items.Length; index++)
        {
            var read = events[index];
            var outcome = read.Entry is null ? EventOutcome.Invalid : stored[next++] ? EventOutcome.Stored : EventOutcome.Duplicate;
            fresh += outcome == EventOutcome.Stored ? 1 : 0;
            duplicates += outcome == EventOutcome.Duplicate ? 1 : 0;
            items[index] = new RecordedEvent(read.Id, outcome, read.Entry is { IsOfSettledHold: true } ? SettledHold : read.Error);
        }

        return new RecordedUsage(fresh, duplicates, items.Length - fresh - duplicates, items);
    }
}

/// <summary>What became of one event.</summary>
/// <param name="Id">Its id as sent; null when it has none.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">Why it is invalid and what to send instead; of a duplicate with another id, that another event has settled its hold.</param>
public sealed record RecordedEvent(string? Id, EventOutcome Outcome, string? Error);
