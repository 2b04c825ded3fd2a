using System.Net;

namespace BotGeneric.Billing.Paddle.Edge;

/// <summary>What the address of a sender is.</summary>
internal enum PaddleSource
{
    /// <summary>One of Paddle's.</summary>
    Listed,

    /// <summary>Somebody else's.</summary>
    Unlisted,

    /// <summary>One that cannot be on the internet, or none: the sender's was lost on the way.</summary>
    Hidden,

    /// <summary>It is not known which addresses are Paddle's.</summary>
    Unchecked,
}

/// <summary>Paddle's addresses, as it last told them.</summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class PaddleSources(TimeProvider timeProvider)
{
    // Paddle names single addresses. A wider network than this is no list but a mistake, and would let everybody pass.
    private const int ShortestPrefix = 16;

    private volatile Known? _known;

    /// <summary>How old the list is; null: there was none yet.</summary>
    internal TimeSpan? Age => _known is { } known ? timeProvider.GetUtcNow() - known.At : null;

    /// <summary>Takes a list over.</summary>
    /// <param name="networks">In CIDR notation, or single addresses.</param>
    /// <returns>Whether it is one; otherwise the one before stays.</returns>
    internal bool Replace(IReadOnlyList<string> networks)
    {
        var read = new List<IPNetwork>(networks.Count);
        foreach (var network in networks)
        {
            if (!IPNetwork.TryParse(network.Contains('/', StringComparison.Ordinal) ? network : $"{network}/32", out var parsed)
                || parsed.PrefixLength < ShortestPrefix)
            {
                return false;
            }

            read.Add(parsed);
        }

        if (read.Count == 0)
        {
            return false;
        }

        _known = new Known([.. read], timeProvider.GetUtcNow());
        return true;
    }

    /// <summary>Looks an address up.</summary>
    /// <param name="address">The sender's, as the trusted proxies in front hand it on.</param>
    internal PaddleSource Find(IPAddress? address)
    {
        if (_known is not { } known)
        {
            return PaddleSource.Unchecked;
        }

        var sender = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        if (sender is not null && Array.Exists(known.Networks, network => network.Contains(sender)))
        {
            return PaddleSource.Listed;
        }

        return sender is null || IsInternal(sender) ? PaddleSource.Hidden : PaddleSource.Unlisted;
    }

    private static bool IsInternal(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var length) && length == 4
            && (bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31) || (bytes[0] == 192 && bytes[1] == 168));
    }

    private sealed record Known(IPNetwork[] Networks, DateTimeOffset At);
}
