using System.Collections.Concurrent;
using System.Globalization;

namespace BotGeneric.Simulators.Smtp;

/// <summary>What can go wrong with a recipient.</summary>
public enum SmtpTrouble
{
    /// <summary>There is no such mailbox: 550 5.1.1 at RCPT.</summary>
    Bounce,

    /// <summary>The server does not want it for this recipient: 550 5.7.1 at RCPT.</summary>
    Policy,

    /// <summary>The mailbox is busy: 451 4.3.0 at RCPT.</summary>
    Busy,

    /// <summary>The message is refused: 554 5.6.0 after DATA.</summary>
    Refuse,

    /// <summary>The answer to DATA is late.</summary>
    Slow,

    /// <summary>The connection ends in the middle of DATA.</summary>
    Drop,

    /// <summary>The message is kept, and the connection ends before the client is told.</summary>
    Lost,
}

/// <summary>What goes wrong with a recipient, and how often.</summary>
/// <param name="Trouble">What.</param>
/// <param name="Times">How often, before all is well; null: always.</param>
/// <param name="DelayMilliseconds">For <see cref="SmtpTrouble.Slow"/>: how late.</param>
public sealed record SmtpScenario(SmtpTrouble Trouble, int? Times = null, int DelayMilliseconds = 3000);

/// <summary>
/// Recipients with whom something goes wrong: those that were set by the API, and those whose local part says so: <c>bounce@</c>, <c>policy@</c>,
/// <c>refuse@</c>, <c>busy@</c> (twice; <c>busy+5@</c> five times), <c>drop@</c> and <c>lost@</c> (once), <c>slow@</c> (3 s; <c>slow+500@</c> half a second). With more behind a
/// plus (<c>bounce+anna@</c>) there are as many such addresses as a test needs.
/// </summary>
public sealed class SmtpScenarios
{
    private readonly ConcurrentDictionary<string, SmtpScenario> _set = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, int> _used = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets what goes wrong with an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="scenario">What, and how often from now on; null: nothing any more.</param>
    public void Set(string address, SmtpScenario? scenario)
    {
        _used.TryRemove(address, out _);
        if (scenario is null)
        {
            _set.TryRemove(address, out _);
        }
        else
        {
            _set[address] = scenario;
        }
    }

    /// <summary>Forgets everything that was set and counted.</summary>
    public void Clear()
    {
        _set.Clear();
        _used.Clear();
    }

    /// <summary>Whether something goes wrong now; counts when it does.</summary>
    /// <param name="address">The recipient.</param>
    /// <param name="troubles">What can go wrong at this step.</param>
    /// <returns>What goes wrong; null when nothing does.</returns>
    public SmtpScenario? Take(string address, params ReadOnlySpan<SmtpTrouble> troubles)
    {
        var scenario = _set.GetValueOrDefault(address) ?? ByName(address);
        if (scenario is null || !troubles.Contains(scenario.Trouble))
        {
            return null;
        }

        return scenario.Times is { } times && _used.AddOrUpdate(address, 1, (_, used) => used + 1) > times ? null : scenario;
    }

    private static SmtpScenario? ByName(string address)
    {
        var local = address.Split('@')[0];
        var plus = local.IndexOf('+', StringComparison.Ordinal);
        var name = plus < 0 ? local : local[..plus];
        var first = plus < 0 ? "" : local[(plus + 1)..].Split('+')[0];
        int? number = int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return name.ToLowerInvariant() switch
        {
            "bounce" => new SmtpScenario(SmtpTrouble.Bounce),
            "policy" => new SmtpScenario(SmtpTrouble.Policy),
            "refuse" => new SmtpScenario(SmtpTrouble.Refuse),
            "busy" => new SmtpScenario(SmtpTrouble.Busy, number ?? 2),
            "drop" => new SmtpScenario(SmtpTrouble.Drop, number ?? 1),
            "lost" => new SmtpScenario(SmtpTrouble.Lost, number ?? 1),
            "slow" => new SmtpScenario(SmtpTrouble.Slow, null, number ?? 3000),
            _ => null,
        };
    }
}
