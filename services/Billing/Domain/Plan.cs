using BotGeneric.Contracts.Billing.V1;

namespace BotGeneric.Billing.Domain;

/// <summary>What can be subscribed to. A change makes the next version; subscribers are told through their subscription's events.</summary>
public sealed class Plan
{
    private Plan()
    {
    }

    /// <summary>The stable name that other services know, such as <c>pro</c>.</summary>
    public string Code { get; private set; } = string.Empty;

    /// <summary>The name people read.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>1 for a new plan, one more with each change.</summary>
    public int Version { get; private set; }

    /// <summary>What the plan allows.</summary>
    public IReadOnlyList<Entitlement> Entitlements { get; private set; } = [];

    /// <summary>The payment provider's prices that sell this plan; no price sells two plans.</summary>
    public List<PlanPrice> Prices { get; private set; } = [];

    /// <summary>Creates version 1 of a plan.</summary>
    /// <param name="code">The stable name.</param>
    /// <param name="terms">Everything else.</param>
    /// <returns>The plan.</returns>
    public static Plan Create(string code, PlanTerms terms)
    {
        var plan = new Plan { Code = code };
        plan.Revise(terms);
        return plan;
    }

    /// <summary>Takes over new terms. Repeating the same terms changes nothing.</summary>
    /// <param name="terms">The new terms.</param>
    /// <returns>Whether this made a new version.</returns>
    public bool Revise(PlanTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var priceIds = Prices.Select(price => price.PaddlePriceId).Order(StringComparer.Ordinal);
        if (Version > 0
            && Name == terms.Name
            && Entitlements.SequenceEqual(terms.Entitlements)
            && priceIds.SequenceEqual(terms.PaddlePriceIds.Order(StringComparer.Ordinal)))
        {
            return false;
        }

        Name = terms.Name;
        Entitlements = [.. terms.Entitlements];
        Prices.RemoveAll(price => !terms.PaddlePriceIds.Contains(price.PaddlePriceId, StringComparer.Ordinal));
        Prices.AddRange(terms.PaddlePriceIds
            .Where(id => Prices.TrueForAll(price => price.PaddlePriceId != id))
            .Select(id => new PlanPrice(id, Code)));
        Version++;
        return true;
    }
}

/// <summary>One of the payment provider's prices, and the plan it sells.</summary>
/// <param name="paddlePriceId">Paddle's id, <c>pri_…</c>.</param>
/// <param name="planCode">The plan.</param>
public sealed class PlanPrice(string paddlePriceId, string planCode)
{
    /// <summary>Paddle's id, <c>pri_…</c>.</summary>
    public string PaddlePriceId { get; private set; } = paddlePriceId;

    /// <summary>The plan that the price sells.</summary>
    public string PlanCode { get; private set; } = planCode;
}

/// <summary>The terms of a plan.</summary>
/// <param name="Name">The name people read, 1 to 100 characters.</param>
/// <param name="Entitlements">What it allows; at most one entry for a meter and window.</param>
/// <param name="PaddlePriceIds">The prices that sell it.</param>
public sealed record PlanTerms(string Name, IReadOnlyList<Entitlement> Entitlements, IReadOnlyList<string> PaddlePriceIds);
