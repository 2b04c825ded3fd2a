using BotGeneric.ServiceDefaults.Health;

namespace BotGeneric.Gateway.Status;

/// <summary>What one round of questions found out about a service.</summary>
/// <param name="State">How it is.</param>
/// <param name="Checks">What it says about its dependencies.</param>
internal sealed record ServiceReport(ComponentState State, IReadOnlyDictionary<string, ComponentState> Checks)
{
    // A process that answers is alive; its check of itself would only repeat that.
    private const string SelfCheck = "self";

    /// <summary>Puts the answers of all replicas of a service together.</summary>
    /// <param name="replicas">What each replica answered; null for one that did not.</param>
    internal static ServiceReport From(IReadOnlyCollection<HealthDocument?> replicas)
    {
        var answers = replicas.OfType<HealthDocument>().ToList();
        if (answers.Count == 0)
        {
            return new ServiceReport(ComponentState.Unreachable, new Dictionary<string, ComponentState>());
        }

        var states = answers.Select(answer => Parse(answer.Status))
            .Concat(Enumerable.Repeat(ComponentState.Unreachable, replicas.Count - answers.Count));
        var checks = answers
            .SelectMany(answer => answer.Checks)
            .Where(check => check.Key != SelfCheck)
            .GroupBy(check => check.Key, check => Parse(check.Value))
            .ToDictionary(check => check.Key, Combine);
        return new ServiceReport(Combine(states), checks);
    }

    /// <summary>Several views of one thing: what all agree on, else degraded.</summary>
    /// <param name="states">The views.</param>
    internal static ComponentState Combine(IEnumerable<ComponentState> states) => states.Distinct().ToList() switch
    {
        [] => ComponentState.Unknown,
        [var only] => only,
        var views when !views.Exists(state => state is ComponentState.Healthy or ComponentState.Degraded) => ComponentState.Unhealthy,
        _ => ComponentState.Degraded,
    };

    private static ComponentState Parse(string state) => state switch
    {
        "healthy" => ComponentState.Healthy,
        "degraded" => ComponentState.Degraded,
        _ => ComponentState.Unhealthy,
    };
}
