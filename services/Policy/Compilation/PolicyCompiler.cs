using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Policies;

namespace BotGeneric.Policy.Compilation;

/// <summary>What does not depend on the caller: configuration.</summary>
/// <param name="Free">What everybody has.</param>
/// <param name="PlanFailureMode">What entitlements say while the counters cannot be reached.</param>
/// <param name="PlanAllowWhileDown">Units that they let pass then under <see cref="FailureMode.AllowThenDeny"/>.</param>
public sealed record CompilerSettings(IReadOnlyList<Entitlement> Free, FailureMode PlanFailureMode, long PlanAllowWhileDown);

/// <summary>What is known of a caller.</summary>
/// <param name="IsOrganization">Whether the account is an organization.</param>
/// <param name="Plans">What the account's subscriptions grant.</param>
/// <param name="Overrides">The account's overrides that were not revoked, those of other persons and keys too.</param>
/// <param name="Grants">The account's grants that were not revoked.</param>
/// <param name="States">The standings of the account and of the person.</param>
public sealed record SubjectFacts(
    bool IsOrganization, IReadOnlyList<PlanGrant> Plans, IReadOnlyList<LimitOverride> Overrides, IReadOnlyList<CreditGrant> Grants, IReadOnlyList<AccountState> States)
{
    /// <summary>A person of whom nothing is known.</summary>
    public static SubjectFacts None { get; } = new(false, [], [], [], []);
}

/// <summary>Where a limit comes from.</summary>
/// <param name="Limit">The limit as it holds.</param>
/// <param name="PolicyVersion">The version of the policy; null for entitlements and what only an override makes.</param>
/// <param name="Priority">The policy's priority; null without a policy.</param>
/// <param name="Original">The maximum without the override, in the limit's whole units; null without an override.</param>
/// <param name="OverrideId">The override that sets the maximum.</param>
public sealed record LimitSource(CompiledLimit Limit, int? PolicyVersion, int? Priority, long? Original, Guid? OverrideId);

/// <summary>A limit that is about the caller and does not hold.</summary>
/// <param name="Code">The limit.</param>
/// <param name="InFavourOf">The limit of a higher priority that counts the same; null when an override removed it.</param>
/// <param name="OverrideId">The override that removed it.</param>
public sealed record LimitLeftOut(string Code, string? InFavourOf, Guid? OverrideId);

/// <summary>A compiled account, with why it is what it is.</summary>
/// <param name="Account">The account.</param>
/// <param name="Until">When it is something else by itself, UTC; null: never.</param>
/// <param name="Sources">Where each limit comes from: those of the account, then those of the platform.</param>
/// <param name="LeftOut">What does not hold, and why.</param>
public sealed record CompiledResult(CompiledAccount Account, DateTimeOffset? Until, IReadOnlyList<LimitSource> Sources, IReadOnlyList<LimitLeftOut> LeftOut);

/// <summary>
/// Makes of everything that is set what decides about one caller, at one moment. Pure. The rules: of entitlements the most generous of each meter and window
/// holds; of limits of one scope that count the same, the one of the highest priority, and a policy before an entitlement; what is only evaluated replaces nothing that is
/// enforced; an override then replaces the maximum of the limit with its code. Limits of different scopes all hold together.
/// </summary>
public static class PolicyCompiler
{
    /// <summary>Compiles.</summary>
    /// <param name="subject">The caller.</param>
    /// <param name="facts">What is known of the caller.</param>
    /// <param name="policies">The policies that were not archived, in the order of their codes.</param>
    /// <param name="settings">Configuration.</param>
    /// <param name="at">The moment.</param>
    public static CompiledResult Compile(
        PolicySubject subject, SubjectFacts facts, IReadOnlyList<ReadPolicy> policies, CompilerSettings settings, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(settings);
        var horizon = new Horizon(at);
        var standing = Standings.Of(facts, at, horizon);
        var meant = new Meant(subject, facts.IsOrganization, standing.Plans);
        var effective = policies.Where(policy => horizon.Holds(policy.Terms.EffectiveFrom, policy.Terms.EffectiveTo)).Where(meant.Is).ToList();

        var candidates = Entitlements(standing.Entitling, settings).Concat(effective.OrderBy(policy => policy.Terms.Scope).SelectMany(policy => Limits(policy, meant))).ToList();
        var leftOut = new List<LimitLeftOut>();
        var winners = Winners(candidates, leftOut);
        var sources = LimitOverrides.Apply(winners, candidates, [.. facts.Overrides.Where(row => horizon.Holds(row.EffectiveFrom, row.EffectiveTo))], meant, settings, leftOut);
        sources = [.. sources.Where(source => source.Limit.Scope != LimitScope.Platform), .. sources.Where(source => source.Limit.Scope == LimitScope.Platform)];

        var account = new CompiledAccount
        {
            Subject = subject,
            Standing = standing.Standing,
            StandingUntil = standing.Until,
            Plans = standing.Plans,
            Period = standing.Period,
            Limits = [.. sources.Where(source => source.Limit.Scope != LimitScope.Platform).Select(source => source.Limit)],
            PlatformLimits = [.. sources.Where(source => source.Limit.Scope == LimitScope.Platform).Select(source => source.Limit)],
            Access = [.. effective.OrderByDescending(policy => policy.Terms.Priority).ThenByDescending(policy => policy.Terms.Scope).SelectMany(Rules)],
            Grants =
            [
                .. InOrder(facts.Grants.Where(grant => grant.RevokedAt is null && horizon.Holds(grant.EffectiveFrom, grant.ExpiresAt))),
            ],
        };
        return new CompiledResult(account, horizon.Next, sources, leftOut);
    }

    /// <summary>How amounts of a unit are counted: money when it is a currency.</summary>
    /// <param name="unit">A meter's code or a currency's.</param>
    public static LimitKind KindOf(string unit) => Iso4217.IsCurrency(unit) ? LimitKind.Budget : LimitKind.Quota;

    /// <summary>Grants in the order in which they are used: priority, expiry, age.</summary>
    /// <param name="grants">The grants.</param>
    internal static IEnumerable<CompiledGrant> InOrder(IEnumerable<CreditGrant> grants) => grants
        .OrderBy(grant => grant.Priority).ThenBy(grant => grant.ExpiresAt ?? DateTimeOffset.MaxValue).ThenBy(grant => grant.CreatedAt).ThenBy(grant => grant.Id)
        .Select(grant => new CompiledGrant(grant.Id, grant.Unit, Amounts.FromDecimal(KindOf(grant.Unit), grant.Amount), grant.EffectiveFrom, grant.ExpiresAt));

    /// <summary>The name of an entitlement's limit.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="window">One of <see cref="Contracts.LimitWindows"/>.</param>
    public static string EntitlementCode(string meter, string window) => $"{PolicyReader.PlanCode}:{meter}:{window}";

    internal static CompiledLimit Entitlement(string meter, string window, long limit, string policy, CompilerSettings settings) => new()
    {
        Code = EntitlementCode(meter, window),
        Policy = policy,
        Scope = LimitScope.Plan,
        Kind = LimitKind.Quota,
        Unit = meter,
        Maximum = Math.Clamp(limit, 0, CompiledLimit.LargestAmount),
        Window = window == Contracts.LimitWindows.Day ? LimitWindowKind.Day : LimitWindowKind.Month,
        OnFailure = settings.PlanFailureMode,
        AllowWhileDown = settings.PlanAllowWhileDown,
        Target = Meant.AccountTarget,
    };

    private static IEnumerable<LimitSource> Entitlements(IEnumerable<PlanGrant> entitling, CompilerSettings settings) => EffectiveLimits
        .Combine(settings.Free, entitling)
        .Select(entitlement => new LimitSource(
            Entitlement(entitlement.Meter, entitlement.Window, entitlement.Limit, PolicyReader.PlanCode, settings), null, null, null, null));

    private static IEnumerable<LimitSource> Limits(ReadPolicy policy, Meant meant) => policy.Limits.Select(limit => new LimitSource(
        new CompiledLimit
        {
            Code = $"{policy.Code}/{limit.Code}",
            Policy = policy.Code,
            Scope = policy.Terms.Scope,
            Kind = limit.Counted.Kind,
            Unit = limit.Counted.Unit,
            Maximum = limit.Maximum,
            Window = limit.Counted.Window,
            Length = limit.Counted.Length,
            Feature = limit.Counted.Feature,
            Model = limit.Counted.Model,
            Channel = limit.Counted.Channel,
            IsShadow = policy.IsShadow,
            EffectiveFrom = policy.Terms.EffectiveFrom,
            EffectiveTo = policy.Terms.EffectiveTo,
            OnFailure = limit.OnFailure,
            AllowWhileDown = limit.AllowWhileDown,
            Target = meant.Target(policy.Terms.Scope),
        },
        policy.Version,
        policy.Terms.Priority,
        null,
        null));

    // In the order of the candidates, so that limits are shown in the same order whoever wins.
    private static List<LimitSource> Winners(List<LimitSource> candidates, List<LimitLeftOut> leftOut)
    {
        var best = candidates
            .GroupBy(source => (source.Limit.Scope, source.Limit.Counter, source.Limit.IsShadow))
            .ToDictionary(group => group.Key, group => group
                .OrderByDescending(source => source.Priority ?? int.MinValue)
                // Only plans that one account has at the same time come here: what was bought counts.
                .ThenByDescending(source => source.Limit.Maximum)
                .ThenBy(source => source.Limit.Code, StringComparer.Ordinal)
                .First());
        var winners = new List<LimitSource>();
        foreach (var source in candidates)
        {
            var winner = best[(source.Limit.Scope, source.Limit.Counter, source.Limit.IsShadow)];
            if (ReferenceEquals(winner, source))
            {
                winners.Add(source);
            }
            else
            {
                leftOut.Add(new LimitLeftOut(source.Limit.Code, winner.Limit.Code, null));
            }
        }

        return winners;
    }

    private static IEnumerable<AccessRule> Rules(ReadPolicy policy) => policy.Rules.Select(rule => new AccessRule(
        policy.Code, rule.Feature, rule.Model, rule.Channel, rule.IsAllowed, policy.IsShadow, policy.Terms.EffectiveFrom, policy.Terms.EffectiveTo));
}
