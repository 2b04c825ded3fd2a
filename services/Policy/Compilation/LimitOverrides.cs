using BotGeneric.Contracts;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Policies;

namespace BotGeneric.Policy.Compilation;

/// <summary>Replaces the maxima of limits by what admins have set for one account, person or key.</summary>
internal static class LimitOverrides
{
    internal static IReadOnlyList<LimitSource> Apply(
        List<LimitSource> winners, List<LimitSource> candidates, IReadOnlyList<LimitOverride> overrides, Meant meant, CompilerSettings settings, List<LimitLeftOut> leftOut)
    {
        if (overrides.Count == 0)
        {
            return winners;
        }

        var best = overrides
            .Where(row => row.RevokedAt is null && (row.UserId is null || row.UserId == meant.Person) && (row.KeyId is null || row.KeyId == meant.Key))
            .GroupBy(row => row.LimitCode, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => group.OrderByDescending(row => row.KeyId is not null).ThenByDescending(row => row.UserId is not null)
                    .ThenByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).First(),
                StringComparer.Ordinal);
        var sources = new List<LimitSource>();
        foreach (var source in winners)
        {
            if (source.Limit.Scope == LimitScope.Platform || !best.TryGetValue(source.Limit.Code, out var row))
            {
                sources.Add(source);
            }
            else if (row.Maximum is { } maximum)
            {
                sources.Add(source with
                {
                    Limit = With(source.Limit, Amounts.FromDecimal(source.Limit.Kind, maximum)),
                    Original = source.Limit.Maximum,
                    OverrideId = row.Id,
                });
            }
            else
            {
                leftOut.Add(new LimitLeftOut(source.Limit.Code, null, row.Id));
            }
        }

        var known = candidates.Select(source => source.Limit.Code).ToHashSet(StringComparer.Ordinal);
        sources.AddRange(best.Values.Where(row => row.Maximum is not null && !known.Contains(row.LimitCode)).OrderBy(row => row.LimitCode, StringComparer.Ordinal)
            .Select(row => Made(row, settings)).OfType<LimitSource>());
        return sources;
    }

    /// <summary>The meter and the window of an entitlement's limit.</summary>
    /// <param name="code">A limit's stable name.</param>
    /// <param name="meter">The meter.</param>
    /// <param name="window">The window.</param>
    /// <returns>Whether the name is of an entitlement's limit.</returns>
    internal static bool TryReadEntitlement(string code, out string meter, out string window)
    {
        var parts = code.Split(':');
        var isEntitlement = parts is [PolicyReader.PlanCode, _, _] && LimitReader.IsMeter(parts[1]) && LimitWindows.All.Contains(parts[2]);
        (meter, window) = isEntitlement ? (parts[1], parts[2]) : (string.Empty, string.Empty);
        return isEntitlement;
    }

    // An account may be held to what no plan of it speaks of.
    private static LimitSource? Made(LimitOverride row, CompilerSettings settings) => TryReadEntitlement(row.LimitCode, out var meter, out var window)
        ? new LimitSource(
            PolicyCompiler.Entitlement(meter, window, Amounts.FromDecimal(LimitKind.Quota, row.Maximum!.Value), PolicyReader.OverrideCode, settings), null, null, null, row.Id)
        : null;

    private static CompiledLimit With(CompiledLimit limit, long maximum) => new()
    {
        Code = limit.Code,
        Policy = limit.Policy,
        Scope = limit.Scope,
        Kind = limit.Kind,
        Unit = limit.Unit,
        Maximum = maximum,
        Window = limit.Window,
        Length = limit.Length,
        Feature = limit.Feature,
        Model = limit.Model,
        Channel = limit.Channel,
        IsShadow = limit.IsShadow,
        EffectiveFrom = limit.EffectiveFrom,
        EffectiveTo = limit.EffectiveTo,
        OnFailure = limit.OnFailure,
        AllowWhileDown = limit.AllowWhileDown,
        Target = limit.Target,
    };
}
