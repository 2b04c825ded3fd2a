using System.Text.RegularExpressions;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Domain;

namespace BotGeneric.Policy.Policies;

/// <summary>Reads policies and says what is wrong with them. What is stored has been read before, so it reads again.</summary>
public static partial class PolicyReader
{
    /// <summary>The name that entitlements of plans have in place of a policy's; no policy may have it.</summary>
    public const string PlanCode = "plan";

    /// <summary>The name that limits have which only an override makes; no policy may have it.</summary>
    public const string OverrideCode = "override";

    /// <summary>Limits or rules in one policy at most.</summary>
    public const int MostEntries = 200;

    private const int MostSelected = 1000;
    private const int MaximumName = 200;
    private const int LargestPriority = 1000;

    /// <summary>Reads a policy.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="version">Its version.</param>
    /// <param name="terms">Its terms.</param>
    /// <param name="findings">Gets what is wrong.</param>
    /// <returns>The policy; null when something is wrong.</returns>
    public static ReadPolicy? Read(string code, int version, PolicyTerms terms, Findings findings)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(findings);
        findings.Add("/code", CodeProblem(code));
        findings.Add("/name", terms.Name.Trim().Length is 0 or > MaximumName ? $"Send 1 to {MaximumName} characters." : null);
        findings.Add("/priority", terms.Priority is < -LargestPriority or > LargestPriority ? $"Send a number from -{LargestPriority} to {LargestPriority}." : null);
        findings.Add("/effectiveTo", terms is { EffectiveFrom: { } from, EffectiveTo: { } to } && to <= from ? "It must be later than effectiveFrom." : null);
        ReadSelector(terms, findings);
        var limits = ReadLimits(terms.Document.Limits ?? [], findings);
        var rules = ReadRules(terms.Document.Access ?? [], findings);
        if (limits.Count + rules.Count == 0)
        {
            findings.Add("/document", "Send at least one limit or access rule.");
        }

        return findings.IsEmpty ? new ReadPolicy { Code = code, Version = version, Terms = terms, Limits = limits, Rules = rules } : null;
    }

    /// <summary>Says where two policies contradict each other: in force at the same time, for some of the same callers, of the same weight, with different answers.</summary>
    /// <param name="policy">The policy that is to be in force.</param>
    /// <param name="others">The policies that are.</param>
    /// <param name="findings">Gets what contradicts.</param>
    public static void Compare(ReadPolicy policy, IEnumerable<ReadPolicy> others, Findings findings)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(findings);
        foreach (var other in others.Where(other =>
            other.Code != policy.Code && other.Terms.Priority == policy.Terms.Priority && other.Terms.Mode == policy.Terms.Mode && policy.Meets(other)))
        {
            for (var index = 0; index < policy.Limits.Count; index++)
            {
                if (other.Limits.FirstOrDefault(limit => limit.Counted == policy.Limits[index].Counted) is { } rival && !rival.SaysTheSameAs(policy.Limits[index]))
                {
                    findings.Add(
                        $"/document/limits/{index}",
                        $"The limit {other.Code}/{rival.Code} counts the same for some of the same callers at the same time with another answer. Give one of the two policies another priority.");
                }
            }

            for (var index = 0; index < policy.Rules.Count; index++)
            {
                if (other.Rules.Any(rule => rule.IsAboutTheSameAs(policy.Rules[index]) && rule.IsAllowed != policy.Rules[index].IsAllowed))
                {
                    findings.Add(
                        $"/document/access/{index}",
                        $"The policy {other.Code} says the opposite of the same for some of the same callers at the same time. Give one of the two policies another priority.");
                }
            }
        }
    }

    private static string? CodeProblem(string code) => code switch
    {
        // Codes of limits begin with the first two; the others are addresses beside the policies.
        PlanCode or OverrideCode or "overrides" or "grants" or "states" or "effective" or "what-if" or "audit" => $"'{code}' is taken by the system.",
        _ => Slug().IsMatch(code) ? null : "Send 1 to 50 lower-case letters, digits and dashes, beginning with a letter.",
    };

    private static void ReadSelector(PolicyTerms terms, Findings findings)
    {
        var selector = terms.Selector ?? new PolicySelector();
        (string Name, int Count, bool Fits)[] lists =
        [
            ("plans", selector.Plans?.Count ?? 0, terms.Scope is not LimitScope.Platform),
            ("accounts", selector.Accounts?.Count ?? 0, terms.Scope is LimitScope.Organization or LimitScope.User or LimitScope.ApiKey),
            ("users", selector.Users?.Count ?? 0, terms.Scope is LimitScope.User),
            ("keys", selector.Keys?.Count ?? 0, terms.Scope is LimitScope.ApiKey),
        ];
        foreach (var (name, count, fits) in lists)
        {
            findings.Add($"/selector/{name}", count > MostSelected ? $"Name at most {MostSelected}." : null);
            findings.Add($"/selector/{name}", count > 0 && !fits ? "It does not fit the scope: " + FittingSelectors(terms.Scope) : null);
        }

        findings.Add("/selector/plans", selector.Plans?.Any(plan => plan is null || !PlanName().IsMatch(plan)) == true ? "Send codes of plans, or free." : null);
        findings.Add("/selector/keys", selector.Keys?.Any(key => key is not { Length: > 0 and <= 50 }) == true ? "Send ids of keys, 1 to 50 characters each." : null);
    }

    private static string FittingSelectors(LimitScope scope) => scope switch
    {
        LimitScope.Platform => "a policy of the platform is about everybody.",
        LimitScope.Plan => "select plans.",
        LimitScope.Organization => "select plans or accounts.",
        LimitScope.User => "select plans, accounts or users.",
        _ => "select plans, accounts or keys.",
    };

    private static List<ReadLimit> ReadLimits(IReadOnlyList<LimitDefinition> definitions, Findings findings)
    {
        findings.Add("/document/limits", definitions.Count > MostEntries ? $"Send at most {MostEntries} limits." : null);
        var limits = new List<ReadLimit>();
        var places = new Dictionary<Counted, int>();
        var codes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < Math.Min(definitions.Count, MostEntries); index++)
        {
            var place = $"/document/limits/{index}";
            if (LimitReader.Read(definitions[index], place, findings) is not { } limit)
            {
                continue;
            }

            if (!codes.TryAdd(limit.Code, index))
            {
                findings.Add($"{place}/code", $"The limit {codes[limit.Code]} has the same code.");
            }

            if (!places.TryAdd(limit.Counted, index))
            {
                findings.Add(place, $"It counts the same as the limit {places[limit.Counted]}, {definitions[places[limit.Counted]].Code}. Keep one of them.");
            }

            limits.Add(limit);
        }

        return limits;
    }

    private static List<ReadRule> ReadRules(IReadOnlyList<AccessDefinition> definitions, Findings findings)
    {
        findings.Add("/document/access", definitions.Count > MostEntries ? $"Send at most {MostEntries} rules." : null);
        var rules = new List<ReadRule>();
        for (var index = 0; index < Math.Min(definitions.Count, MostEntries); index++)
        {
            var place = $"/document/access/{index}";
            if (findings.Add(place, definitions[index] is null ? "Send a rule." : null))
            {
                continue;
            }

            var definition = definitions[index];
            var rule = new ReadRule(
                LimitReader.ReadPattern(definition.Feature, $"{place}/feature", findings),
                LimitReader.ReadPattern(definition.Model, $"{place}/model", findings),
                LimitReader.ReadPattern(definition.Channel, $"{place}/channel", findings),
                definition.Allow);
            var same = rules.FindIndex(earlier => earlier.IsAboutTheSameAs(rule));
            findings.Add(place, same < 0 ? null : rules[same].IsAllowed == rule.IsAllowed ? $"The rule {same} says it already." : $"The rule {same} says the opposite of the same.");
            rules.Add(rule);
        }

        return rules;
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,49}$", RegexOptions.CultureInvariant)]
    internal static partial Regex Slug();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,49}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlanName();
}
