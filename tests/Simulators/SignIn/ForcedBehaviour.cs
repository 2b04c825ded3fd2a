namespace BotGeneric.Simulators.SignIn;

/// <summary>What tests ask of a provider, by calls that a real one does not have.</summary>
public sealed class ForcedBehaviour
{
    private readonly Lock _lock = new();
    private ForcedOutcome? _next;

    /// <summary>Who approves every request without seeing the page; null: the page is shown.</summary>
    public string? AutoApprovedBy { get; set; }

    /// <summary>Makes the next sign-in go wrong.</summary>
    /// <param name="outcome">How; null takes it back.</param>
    public void Force(ForcedOutcome? outcome)
    {
        lock (_lock)
        {
            _next = outcome;
        }
    }

    /// <summary>Takes what the next sign-in is to do, when it is one of those that need nobody to decide.</summary>
    /// <returns>Cancel or error; null otherwise.</returns>
    internal ForcedOutcome? TakeRefusal()
    {
        lock (_lock)
        {
            return _next is ForcedOutcome.Cancel or ForcedOutcome.Error ? Take() : null;
        }
    }

    /// <summary>Takes what the next sign-in is to do.</summary>
    internal ForcedOutcome? TakeNext()
    {
        lock (_lock)
        {
            return Take();
        }
    }

    internal void Reset()
    {
        Force(null);
        AutoApprovedBy = null;
    }

    private ForcedOutcome? Take()
    {
        var taken = _next;
        _next = null;
        return taken;
    }
}
