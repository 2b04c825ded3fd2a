using System.Text.RegularExpressions;
using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Policies;

/// <summary>Reads one limit of a policy.</summary>
internal static partial class LimitReader
{
    internal const string Calls = "calls";

    private const int MaximumMeter = 50;
    private const int LongestWindow = 24 * 60 * 60;

    /// <summary>Whether a text can be a meter's code.</summary>
    internal static bool IsMeter(string unit) => unit != Calls && unit.Length <= MaximumMeter && MeterShape().IsMatch(unit);

    internal static ReadLimit? Read(LimitDefinition? definition, string place, Findings findings)
    {
        if (definition is null)
        {
            findings.Add(place, "Send a limit.");
            return null;
        }

        var wrong = findings.Add($"{place}/code", PolicyReader.Slug().IsMatch(definition.Code) ? null : "Send 1 to 50 lower-case letters, digits and dashes, beginning with a letter.");
        wrong |= findings.Add($"{place}/unit", UnitProblem(definition));
        wrong |= findings.Add($"{place}/maximum", Amounts.Read(definition.Kind, definition.Maximum, out var maximum));
        wrong |= findings.Add($"{place}/window", WindowProblem(definition));
        wrong |= findings.Add($"{place}/seconds", SecondsProblem(definition));
        var allowWhileDown = 0L;
        wrong |= findings.Add($"{place}/allowWhileDown", definition switch
        {
            { OnFailure: FailureMode.AllowThenDeny } => Amounts.Read(definition.Kind, definition.AllowWhileDown, out allowWhileDown),
            { AllowWhileDown: not null } => "It belongs to onFailure allowThenDeny.",
            _ => null,
        });
        var feature = ReadPattern(definition.Feature, $"{place}/feature", findings);
        var model = ReadPattern(definition.Model, $"{place}/model", findings);
        var channel = ReadPattern(definition.Channel, $"{place}/channel", findings);
        return wrong
            ? null
            : new ReadLimit(
                definition.Code,
                new Counted(definition.Kind, definition.Unit, feature, model, channel, Window(definition), TimeSpan.FromSeconds(definition.Seconds ?? 0)),
                maximum,
                definition.OnFailure,
                allowWhileDown);
    }

    internal static Pattern ReadPattern(string? text, string place, Findings findings)
    {
        var pattern = Pattern.TryParse(text);
        findings.Add(place, pattern is null ? $"Send a name of at most {Pattern.MaximumLength} characters; a * may stand at its end only." : null);
        return pattern ?? Pattern.Everything;
    }

    private static string? UnitProblem(LimitDefinition limit) => limit.Kind switch
    {
        LimitKind.Budget => Iso4217.IsCurrency(limit.Unit) ? null : "A budget is in a currency: send its ISO 4217 code, such as USD.",
        LimitKind.Concurrency => limit.Unit == Calls ? null : $"Concurrency counts {Calls}.",
        _ => IsMeter(limit.Unit) ? null : "Send a meter's code, such as llm.requests.",
    };

    private static string? WindowProblem(LimitDefinition limit) => limit.Kind switch
    {
        LimitKind.Quota or LimitKind.Budget => limit.Window is null ? "Send day, month or billingPeriod." : null,
        LimitKind.Rate => limit.Window is null ? null : "A rate has a sliding window: send seconds.",
        _ => limit.Window is null ? null : "Concurrency has no window.",
    };

    private static string? SecondsProblem(LimitDefinition limit) => limit.Kind switch
    {
        LimitKind.Rate => limit.Seconds is >= 1 and <= LongestWindow ? null : $"Send the length of the sliding window, 1 to {LongestWindow} seconds.",
        LimitKind.Concurrency => limit.Seconds is null ? null : "Concurrency has no window.",
        _ => limit.Seconds is null ? null : "Quotas and budgets have a named window: send window.",
    };

    private static LimitWindowKind Window(LimitDefinition limit) => (limit.Kind, limit.Window) switch
    {
        (LimitKind.Rate, _) => LimitWindowKind.Sliding,
        (_, NamedWindow.Day) => LimitWindowKind.Day,
        (_, NamedWindow.Month) => LimitWindowKind.Month,
        (_, NamedWindow.BillingPeriod) => LimitWindowKind.BillingPeriod,
        _ => LimitWindowKind.None,
    };

    [GeneratedRegex("^[a-z][a-z0-9_-]*(\\.[a-z0-9_-]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex MeterShape();
}
