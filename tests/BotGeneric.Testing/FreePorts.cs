using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BotGeneric.Testing;

/// <summary>
/// Ports for servers that a test starts later, or again after it has killed them. The system hands out none of them by itself: one that it does may belong to another
/// server, or to anybody's connection, by the time that the test's own server wants it.
/// </summary>
public static class FreePorts
{
    private const int Lowest = 20_000;
    private const int End = 65_536;

    private static readonly HashSet<int> Given = [];
    private static readonly (int From, int To) Range = FindRange();

    /// <summary>Gives a port of loopback that nobody listens on, another one each time.</summary>
    public static int Take()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(Range.From, Range.To);
                if (!Given.Contains(port) && IsFree(port))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
    }

    private static (int From, int To) FindRange()
    {
        var handedOut = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var (first, last) = (int.Parse(handedOut[0], CultureInfo.InvariantCulture), int.Parse(handedOut[1], CultureInfo.InvariantCulture));
        return first - Lowest >= End - 1 - last ? (Lowest, first) : (last + 1, End);
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
