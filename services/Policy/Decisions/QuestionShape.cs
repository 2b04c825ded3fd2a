namespace BotGeneric.Policy.Decisions;

/// <summary>
/// What does not change from one call of a kind to the next: the limits that apply, the units that they and the call are about, in their order, and what the scripts are told
/// about them. Found by feature, model, channel and the units that are asked for.
/// </summary>
internal sealed class QuestionShape
{
    private readonly string _feature;
    private readonly string? _model;
    private readonly string? _channel;
    private readonly string[] _asked;
    private readonly bool _isOfOperator;
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _to;

    internal QuestionShape(DecisionRequest request, string[] units, QuestionSide account, QuestionSide? platform, (DateTimeOffset From, DateTimeOffset To) valid)
    {
        (_feature, _model, _channel) = (request.Feature, request.Model, request.Channel);
        _asked = [.. request.Amounts.Select(amount => amount.Unit)];
        _isOfOperator = request.IsOfOperator;
        (_from, _to) = valid;
        Units = units;
        Account = account;
        Platform = platform;
    }

    /// <summary>The units: what the call names first.</summary>
    internal string[] Units { get; }

    /// <summary>Meters that the call names and no limit counts: granted, and not held.</summary>
    internal required string[] Uncounted { get; init; }

    /// <summary>Limits in the account's slot.</summary>
    internal QuestionSide Account { get; }

    /// <summary>The same for a call of which the platform holds nothing, because its limits could not be reached: so nobody looks there for a part of it.</summary>
    internal required QuestionSide Alone { get; init; }

    /// <summary>Limits of the platform; null when none applies.</summary>
    internal QuestionSide? Platform { get; }

    /// <summary>Whether it is that of a request.</summary>
    internal bool IsOf(DecisionRequest request, DateTimeOffset now)
    {
        if (now < _from || now >= _to || request.Amounts.Count != _asked.Length || request.Feature != _feature || request.Model != _model || request.Channel != _channel
            || request.IsOfOperator != _isOfOperator)
        {
            return false;
        }

        for (var index = 0; index < _asked.Length; index++)
        {
            if (request.Amounts[index].Unit != _asked[index])
            {
                return false;
            }
        }

        return true;
    }
}
