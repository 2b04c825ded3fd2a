using System.Text.Json;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;

namespace BotGeneric.Policy.Api;

/// <summary>Writes what <see cref="DecisionAnswers"/> makes of a decision that allows, without making it first. A test compares the two.</summary>
internal static class DecisionJsonWriter
{
    private static readonly JsonEncodedText Decision = JsonEncodedText.Encode("decision");
    private static readonly JsonEncodedText Allow = JsonEncodedText.Encode("allow");
    private static readonly JsonEncodedText HoldId = JsonEncodedText.Encode("holdId");
    private static readonly JsonEncodedText ExpiresAt = JsonEncodedText.Encode("expiresAt");
    private static readonly JsonEncodedText Granted = JsonEncodedText.Encode("granted");
    private static readonly JsonEncodedText Requests = JsonEncodedText.Encode("requests");
    private static readonly JsonEncodedText InputTokens = JsonEncodedText.Encode("inputTokens");
    private static readonly JsonEncodedText OutputTokens = JsonEncodedText.Encode("outputTokens");
    private static readonly JsonEncodedText Cost = JsonEncodedText.Encode("cost");
    private static readonly JsonEncodedText Amount = JsonEncodedText.Encode("amount");
    private static readonly JsonEncodedText Currency = JsonEncodedText.Encode("currency");
    private static readonly JsonEncodedText Meters = JsonEncodedText.Encode("meters");
    private static readonly JsonEncodedText Reason = JsonEncodedText.Encode("reason");
    private static readonly JsonEncodedText Limits = JsonEncodedText.Encode("limits");
    private static readonly JsonEncodedText Degraded = JsonEncodedText.Encode("degraded");
    private static readonly JsonEncodedText Code = JsonEncodedText.Encode("code");
    private static readonly JsonEncodedText Policy = JsonEncodedText.Encode("policy");
    private static readonly JsonEncodedText Scope = JsonEncodedText.Encode("scope");
    private static readonly JsonEncodedText Kind = JsonEncodedText.Encode("kind");
    private static readonly JsonEncodedText Unit = JsonEncodedText.Encode("unit");
    private static readonly JsonEncodedText Limit = JsonEncodedText.Encode("limit");
    private static readonly JsonEncodedText Used = JsonEncodedText.Encode("used");
    private static readonly JsonEncodedText Held = JsonEncodedText.Encode("held");
    private static readonly JsonEncodedText Remaining = JsonEncodedText.Encode("remaining");
    private static readonly JsonEncodedText ResetsAt = JsonEncodedText.Encode("resetsAt");
    private static readonly JsonEncodedText Shadow = JsonEncodedText.Encode("shadow");
    private static readonly JsonEncodedText Exceeded = JsonEncodedText.Encode("exceeded");

    internal static void Write(Utf8JsonWriter writer, Decision decision)
    {
        writer.WriteStartObject();
        writer.WriteString(Decision, Allow);
        if (decision.HoldId is { } hold)
        {
            writer.WriteString(HoldId, hold);
        }
        else
        {
            writer.WriteNull(HoldId);
        }

        Write(writer, ExpiresAt, decision.ExpiresAt);
        Write(writer, DecisionAnswers.GrantedOf(decision.Granted));
        writer.WriteNull(Reason);
        writer.WriteStartArray(Limits);
        for (var index = 0; index < decision.Limits.Count; index++)
        {
            Write(writer, decision.Limits[index]);
        }

        writer.WriteEndArray();
        if (decision.IsDegraded)
        {
            writer.WriteBoolean(Degraded, true);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, GrantedAmounts granted)
    {
        writer.WriteStartObject(Granted);
        Write(writer, Requests, granted.Requests);
        Write(writer, InputTokens, granted.InputTokens);
        Write(writer, OutputTokens, granted.OutputTokens);
        if (granted.Cost is { } cost)
        {
            writer.WriteStartObject(Cost);
            writer.WriteString(Amount, cost.Amount);
            writer.WriteString(Currency, cost.Currency);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull(Cost);
        }

        if (granted.Meters is { } meters)
        {
            writer.WriteStartObject(Meters);
            foreach (var (meter, amount) in meters)
            {
                writer.WriteNumber(meter, amount);
            }

            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull(Meters);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, in LimitOutcome outcome)
    {
        var limit = outcome.Limit;
        writer.WriteStartObject();
        writer.WriteString(Code, limit.Code);
        writer.WriteString(Policy, limit.Policy);
        writer.WriteString(Scope, Names.Of(limit.Scope));
        writer.WriteString(Kind, Names.Of(limit.Kind));
        writer.WriteString(Unit, limit.Unit);
        Write(writer, Limit, limit, limit.Maximum);
        if (outcome.IsUncounted)
        {
            writer.WriteNull(Used);
            writer.WriteNull(Held);
            writer.WriteNull(Remaining);
        }
        else
        {
            Write(writer, Used, limit, outcome.Used);
            Write(writer, Held, limit, outcome.Held);
            Write(writer, Remaining, limit, outcome.Remaining);
        }

        Write(writer, ResetsAt, outcome.ResetsAt);
        if (limit.IsShadow)
        {
            writer.WriteBoolean(Shadow, true);
        }

        if (outcome.Refuses)
        {
            writer.WriteBoolean(Exceeded, true);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, CompiledLimit limit, long amount)
    {
        writer.WritePropertyName(name);
        QuantityConverter.Write(writer, new Quantity(limit.Unit, amount));
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, long? amount)
    {
        if (amount is { } value)
        {
            writer.WriteNumber(name, value);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, DateTimeOffset? at)
    {
        if (at is { } moment)
        {
            writer.WriteString(name, moment);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
