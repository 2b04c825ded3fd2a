using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using IPNetwork = System.Net.IPNetwork;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>Networks in CIDR notation, IPv4 and IPv6, in the one form in which they are stored.</summary>
public static class KeyNetworks
{
    /// <summary>The most that one key can have.</summary>
    public const int Maximum = 50;

    /// <summary>Reads a list; the same network twice counts once.</summary>
    /// <param name="texts">What was sent: networks, or single addresses.</param>
    /// <param name="networks">The networks, normalized: no bits beyond the prefix, IPv6 compressed, IPv4 never inside IPv6.</param>
    /// <param name="wrong">The first that is none.</param>
    public static bool TryRead(IEnumerable<string> texts, out IReadOnlyList<string> networks, out string? wrong)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var read = new List<string>();
        networks = read;
        wrong = null;
        foreach (var text in texts)
        {
            if (!TryRead(text, out var network))
            {
                wrong = text;
                return false;
            }

            if (!read.Contains(network, StringComparer.Ordinal))
            {
                read.Add(network);
            }
        }

        return true;
    }

    /// <summary>Whether every address of one list is in the other. An empty list is everywhere.</summary>
    /// <param name="inner">Normalized networks.</param>
    /// <param name="outer">Normalized networks.</param>
    public static bool AreWithin(IReadOnlyCollection<string> inner, IReadOnlyCollection<string> outer)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(outer);
        if (outer.Count == 0)
        {
            return true;
        }

        var wide = outer.Select(network => IPNetwork.Parse(network)).ToList();
        return inner.Count > 0 && inner.Select(network => IPNetwork.Parse(network)).All(
            narrow => wide.Any(network => network.PrefixLength <= narrow.PrefixLength && network.Contains(narrow.BaseAddress)));
    }

    private static bool TryRead(string? text, [NotNullWhen(true)] out string? network)
    {
        network = null;
        var parts = text?.Trim().Split('/');
        if (parts is not ([_] or [_, _]) || !TryReadAddress(parts[0], out var address))
        {
            return false;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        if (parts is [_, var length]
            && (length.Length is 0 or > 3 || !length.All(char.IsAsciiDigit) || !int.TryParse(length, out prefix) || prefix > bits))
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6 && prefix >= 96)
        {
            address = address.MapToIPv4();
            prefix -= 96;
        }

        network = $"{Masked(address, prefix)}/{prefix}";
        return true;
    }

    // The framework also reads 10.1, 0x0a000001 and 010.0.0.1, each of which somebody else reads as another address.
    private static bool TryReadAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    private static IPAddress Masked(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var index = 0; index < bytes.Length; index++)
        {
            var kept = Math.Clamp(prefix - (index * 8), 0, 8);
            bytes[index] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
