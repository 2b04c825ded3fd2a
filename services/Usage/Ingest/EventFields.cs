using System.Text.Json;
using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Ingest;

/// <summary>The values of one event. The first one that is wrong is the event's error; what is asked for after it is not looked at any more.</summary>
internal ref struct EventFields
{
    // Attributes and members have places of their own among the texts that are kept from event to event.
    private const int MembersFrom = 10;

    private readonly EventScan _scan;
    private readonly BodyValues _values;

    public EventFields(EventScan scan, BodyValues values)
    {
        _scan = scan;
        _values = values;
    }

    private static readonly string CallMembers = string.Join(
        ", ", Enum.GetValues<CallMember>().Where(member => member != CallMember.Unknown).Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.ToString())));

    /// <summary>What is wrong first; null as long as nothing is.</summary>
    public string? Error { get; private set; }

    /// <summary>The bytes of <c>data</c>; empty when there is none.</summary>
    public readonly ReadOnlySpan<byte> Data => _scan[EventAttribute.Data] is { Type: JsonTokenType.StartObject } data ? _values.Raw(data) : [];

    public void Fail(string error) => Error ??= error;

    public void RequireNames()
    {
        if (_scan.HasBrokenName)
        {
            Fail("Names and values must be valid Unicode text.");
        }
    }

    public void RequireVersion()
    {
        if (Error is not null || _values.Is(_scan[EventAttribute.SpecVersion], "1.0"u8, "1.0"))
        {
            return;
        }

        if (Text(EventAttribute.SpecVersion, "specversion", 10) is not null)
        {
            Fail("specversion must be \"1.0\".");
        }
    }

    public Guid Subject()
    {
        if (Error is not null)
        {
            return default;
        }

        if (_values.Id(_scan[EventAttribute.Subject]) is { } account)
        {
            // Whoever keeps sums keeps those of everybody under it.
            if (account == Guid.Empty)
            {
                Fail("subject must be the id of an account; the nil UUID is nobody's.");
            }

            return account;
        }

        if (Text(EventAttribute.Subject, "subject", 36) is not null)
        {
            Fail("subject must be the id of an account, a UUID.");
        }

        return default;
    }

    public void RequireCallData()
    {
        if (Error is not null)
        {
            return;
        }

        if (_scan[EventAttribute.Data].Type != JsonTokenType.StartObject)
        {
            Fail("data must be an object with the tokens of the call.");
        }
        else if (_scan.HasBrokenMember)
        {
            Fail("Names and values must be valid Unicode text.");
        }
        else if (_scan.UnknownMember.IsPresent)
        {
            Fail($"data.{_values.Printable(_scan.UnknownMember)} is unknown; data has {CallMembers}.");
        }
    }

    public string? Text(EventAttribute attribute, string name, int maximumLength)
    {
        if (Error is not null)
        {
            return null;
        }

        // An id is another one in every event.
        var text = _values.Text(_scan[attribute], maximumLength, attribute == EventAttribute.Id ? -1 : (int)attribute);
        if (text is null)
        {
            Fail($"{name} is required: 1 to {maximumLength} characters.");
        }

        return text;
    }

    public DateTimeOffset? Time()
    {
        var token = _scan[EventAttribute.Time];
        if (Error is not null || !token.IsPresent)
        {
            return null;
        }

        var time = _values.Time(token);
        if (time is null)
        {
            Fail("time must be RFC 3339, such as \"2026-01-31T12:00:00Z\".");
        }

        return time;
    }

    public string? OptionalText(CallMember member, string name)
    {
        var token = _scan[member];
        if (Error is not null || token.Type is JsonTokenType.None or JsonTokenType.Null)
        {
            return null;
        }

        var text = _values.Text(token, CloudEventLimits.MaximumNameLength, MembersFrom + (int)member);
        if (text is null)
        {
            Fail($"data.{name} must be text of 1 to {CloudEventLimits.MaximumNameLength} characters.");
        }

        return text;
    }

    public Guid? OptionalId(CallMember member, string name)
    {
        var token = _scan[member];
        if (Error is not null || token.Type is JsonTokenType.None or JsonTokenType.Null)
        {
            return null;
        }

        var id = _values.Id(token);
        if (id is null || id == Guid.Empty)
        {
            Fail($"data.{name} must be a UUID, and not the nil one; leave it out when there is none.");
        }

        return id;
    }

    public long Tokens(CallMember member, string name)
    {
        var token = _scan[member];
        if (Error is not null || !token.IsPresent)
        {
            return 0;
        }

        if (_values.Whole(token) is { } tokens and >= 0 and <= CloudEventLimits.MaximumTokens)
        {
            return tokens;
        }

        Fail($"data.{name} must be a whole number from 0 to {CloudEventLimits.MaximumTokens}.");
        return 0;
    }
}
