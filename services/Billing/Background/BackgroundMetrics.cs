using System.Diagnostics.Metrics;
using BotGeneric.Billing.Paddle;

namespace BotGeneric.Billing.Background;

/// <summary>Counts what workers have passed over because it could not be done.</summary>
public sealed class BackgroundMetrics
{
    /// <summary>Ending access.</summary>
    internal const string AccessEnd = "access_end";

    /// <summary>Looking after a checkout.</summary>
    internal const string Checkout = "checkout";

    private readonly Counter<long> _postponed;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">The factory that exporters listen to.</param>
    public BackgroundMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _postponed = meters.Create(PaddleInbox.SourceName).CreateCounter<long>(
            "billing.work.postponed", "{attempt}", "Attempts that failed and are repeated later, by what was to be done. The others went on.");
    }

    internal void Postponed(string work) => _postponed.Add(1, new KeyValuePair<string, object?>("work", work));
}
