using System.Security.Claims;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ingest;
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
    /// Takes one CloudEvents 1.0 event, or an array of up to 1,000, of type <c>llm.call.v1</c>. The answer comes after the commit and says
    /// for each event, in the order sent, whether it was stored, a duplicate, or invalid and why. Send the same events again after any
    /// failure: what is stored already is a duplicate and is not counted twice. An event is about the caller's own account; only services and those
    /// who run the system report for others.
    /// </summary>
    internal static async Task<Results<Ok<RecordedUsage>, ProblemHttpResult>> RecordAsync(
        HttpRequest request, ClaimsPrincipal user, CloudEventReader reader, LedgerWriter ledger, CancellationToken cancellationToken)
    {
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
        }
        catch (JsonException)
        {
            return ApiProblems.Invalid("$", "The body is not JSON. Send one CloudEvents event or an array of them.");
        }

        using (document)
        {
            JsonElement[] sent = document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray()]
                : [document.RootElement];
            if (sent.Length is 0 or > CloudEventLimits.MaximumBatch)
            {
                return ApiProblems.Invalid("$", $"Send 1 to {CloudEventLimits.MaximumBatch} events; this body has {sent.Length}. Nothing was stored.");
            }

            var caller = Caller.Of(user);
            var events = Array.ConvertAll(sent, json => RefuseForeign(caller, reader.Read(json)));
            var stored = await ledger.AppendAsync([.. events.Select(read => read.Entry).OfType<LedgerEntry>()], cancellationToken);
            return TypedResults.Ok(RecordedUsage.From(events, stored));
        }
    }

    // For one event, as every other rule: a batch is not lost for a line that has strayed into it.
    private static ReadEvent RefuseForeign(Caller caller, ReadEvent read) =>
        read.Entry is { } entry && entry.AccountId != caller.AccountId && !caller.IsAdmin && !caller.IsService
            ? read with { Entry = null, Error = "subject must be your own account: the organization in whose name the token acts, else yourself." }
            : read;
}

/// <summary>What became of an event.</summary>
public enum EventOutcome
{
    /// <summary>It is in the ledger now.</summary>
    Stored,

    /// <summary>It was in the ledger already, and counts once.</summary>
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
    internal static RecordedUsage From(IEnumerable<ReadEvent> events, IReadOnlySet<Guid> stored)
    {
        List<RecordedEvent> items = [.. events.Select(read => new RecordedEvent(read.Id, Outcome(read, stored), read.Error))];
        return new RecordedUsage(
            items.Count(item => item.Outcome == EventOutcome.Stored),
            items.Count(item => item.Outcome == EventOutcome.Duplicate),
            items.Count(item => item.Outcome == EventOutcome.Invalid),
            items);
    }

    private static EventOutcome Outcome(ReadEvent read, IReadOnlySet<Guid> stored) => read.Entry switch
    {
        null => EventOutcome.Invalid,
        { } entry when stored.Contains(entry.Id) => EventOutcome.Stored,
        _ => EventOutcome.Duplicate,
    };
}

/// <summary>What became of one event.</summary>
/// <param name="Id">Its id as sent; null when it has none.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">Why it is invalid and what to send instead.</param>
public sealed record RecordedEvent(string? Id, EventOutcome Outcome, string? Error);
