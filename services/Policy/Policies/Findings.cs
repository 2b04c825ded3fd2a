namespace BotGeneric.Policy.Policies;

/// <summary>What is wrong with what an admin sent: for each place, as a JSON pointer into the request, the reasons.</summary>
public sealed class Findings
{
    // A document that is wrong everywhere need not be listed to its end.
    private const int Most = 50;

    private readonly Dictionary<string, List<string>> _reasons = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Adds a reason.</summary>
    /// <param name="place">A JSON pointer, such as <c>/document/limits/0/maximum</c>.</param>
    /// <param name="reason">What is wrong there and what to send instead; null when nothing is.</param>
    /// <returns>Whether something was wrong.</returns>
    public bool Add(string place, string? reason)
    {
        if (reason is null)
        {
            return false;
        }

        if (_count++ < Most)
        {
            if (!_reasons.TryGetValue(place, out var reasons))
            {
                _reasons.Add(place, reasons = []);
            }

            reasons.Add(reason);
        }

        return true;
    }

    /// <summary>All of it, as problem details carry it.</summary>
    public Dictionary<string, string[]> ToErrors() => _reasons.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray(), StringComparer.Ordinal);
}
