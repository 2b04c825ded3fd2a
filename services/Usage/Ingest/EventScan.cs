using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BotGeneric.Usage.Ingest;

/// <summary>Where a value stands in the body.</summary>
/// <param name="Type">What it is; <see cref="JsonTokenType.None"/> when it is not there.</param>
/// <param name="Start">Its first byte, after the quote of a text.</param>
/// <param name="Length">Its bytes, without quotes.</param>
/// <param name="IsEscaped">Whether a text has escapes.</param>
internal readonly record struct JsonToken(JsonTokenType Type, int Start, int Length, bool IsEscaped)
{
    public bool IsPresent => Type != JsonTokenType.None;
}

/// <summary>The attributes of an event that are read.</summary>
internal enum EventAttribute
{
    Unknown = -1,
    Id,
    SpecVersion,
    Type,
    Subject,
    Source,
    Time,
    Data,
}

/// <summary>The members of the <c>data</c> of a call of a model.</summary>
internal enum CallMember
{
    Unknown = -1,
    Feature,
    Provider,
    Model,
    InputTokens,
    CachedInputTokens,
    CacheWriteTokens,
    OutputTokens,
    ReasoningTokens,
    UserId,
    ApiKeyId,
    Channel,
    HoldId,
}

/// <summary>
/// Finds the members of one event in a single pass over the bytes; values are read later, from where they stand. Of a member that is there twice the last one
/// counts.
/// </summary>
internal ref struct EventScan
{
    private Attributes _attributes;
    private Members _members;

    /// <summary>The first member of <c>data</c> that a call of a model does not have.</summary>
    public JsonToken UnknownMember { get; private set; }

    /// <summary>Whether an attribute's name is no text.</summary>
    public bool HasBrokenName { get; private set; }

    /// <summary>Whether the name of a member of <c>data</c> is no text.</summary>
    public bool HasBrokenMember { get; private set; }

    public readonly JsonToken this[EventAttribute attribute] => _attributes[(int)attribute];

    public readonly JsonToken this[CallMember member] => _members[(int)member];

    /// <summary>Reads on to the end of the object that the reader stands at.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public void Read(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var attribute = EventAttribute.Unknown;
            if (IsText(ref json))
            {
                attribute = AttributeOf(ref json);
            }
            else
            {
                HasBrokenName = true;
            }

            json.Read();
            if (attribute == EventAttribute.Unknown)
            {
                json.Skip();
            }
            else if (attribute == EventAttribute.Data && json.TokenType == JsonTokenType.StartObject)
            {
                _attributes[(int)attribute] = ReadData(ref json);
            }
            else
            {
                _attributes[(int)attribute] = Take(ref json);
            }
        }
    }

    private JsonToken ReadData(ref Utf8JsonReader json)
    {
        var start = (int)json.TokenStartIndex;
        _members = default;
        UnknownMember = default;
        HasBrokenMember = false;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var member = CallMember.Unknown;
            if (IsText(ref json))
            {
                member = MemberOf(ref json);
                if (member == CallMember.Unknown && !UnknownMember.IsPresent)
                {
                    UnknownMember = new JsonToken(JsonTokenType.String, (int)json.TokenStartIndex + 1, json.ValueSpan.Length, json.ValueIsEscaped);
                }
            }
            else
            {
                HasBrokenMember = true;
            }

            json.Read();
            var value = Take(ref json);
            if (member != CallMember.Unknown)
            {
                _members[(int)member] = value;
            }
        }

        return new JsonToken(JsonTokenType.StartObject, start, (int)json.BytesConsumed - start, false);
    }

    // Stands at the end of the value afterwards.
    private static JsonToken Take(ref Utf8JsonReader json)
    {
        var start = (int)json.TokenStartIndex;
        var type = json.TokenType;
        switch (type)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                json.Skip();
                return new JsonToken(type, start, (int)json.BytesConsumed - start, false);
            case JsonTokenType.String:
                return new JsonToken(type, start + 1, json.ValueSpan.Length, json.ValueIsEscaped);
            default:
                return new JsonToken(type, start, json.ValueSpan.Length, false);
        }
    }

    // Escapes that are no characters, such as a lone surrogate.
    private static bool IsText(ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped)
        {
            return true;
        }

        try
        {
            return json.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static EventAttribute AttributeOf(ref Utf8JsonReader json) => json switch
    {
        _ when json.ValueTextEquals("id"u8) => EventAttribute.Id,
        _ when json.ValueTextEquals("source"u8) => EventAttribute.Source,
        _ when json.ValueTextEquals("data"u8) => EventAttribute.Data,
        _ when json.ValueTextEquals("time"u8) => EventAttribute.Time,
        _ when json.ValueTextEquals("type"u8) => EventAttribute.Type,
        _ when json.ValueTextEquals("subject"u8) => EventAttribute.Subject,
        _ when json.ValueTextEquals("specversion"u8) => EventAttribute.SpecVersion,
        _ => EventAttribute.Unknown,
    };

    private static CallMember MemberOf(ref Utf8JsonReader json) => json switch
    {
        _ when json.ValueTextEquals("inputTokens"u8) => CallMember.InputTokens,
        _ when json.ValueTextEquals("outputTokens"u8) => CallMember.OutputTokens,
        _ when json.ValueTextEquals("feature"u8) => CallMember.Feature,
        _ when json.ValueTextEquals("provider"u8) => CallMember.Provider,
        _ when json.ValueTextEquals("model"u8) => CallMember.Model,
        _ when json.ValueTextEquals("cachedInputTokens"u8) => CallMember.CachedInputTokens,
        _ when json.ValueTextEquals("cacheWriteTokens"u8) => CallMember.CacheWriteTokens,
        _ when json.ValueTextEquals("reasoningTokens"u8) => CallMember.ReasoningTokens,
        _ when json.ValueTextEquals("userId"u8) => CallMember.UserId,
        _ when json.ValueTextEquals("channel"u8) => CallMember.Channel,
        _ when json.ValueTextEquals("apiKeyId"u8) => CallMember.ApiKeyId,
        _ when json.ValueTextEquals("holdId"u8) => CallMember.HoldId,
        _ => CallMember.Unknown,
    };

    [InlineArray(7)]
    private struct Attributes
    {
        private JsonToken _first;
    }

    [InlineArray(12)]
    private struct Members
    {
        private JsonToken _first;
    }
}
