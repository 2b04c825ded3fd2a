using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BotGeneric.AppHost.Native;

/// <summary>Free ports, and who holds a taken one.</summary>
internal static class Ports
{
    // Below Linux' range for outgoing connections (32768 and up), so that no connection takes a port between choice and use.
    private const int First = 15_000;
    private const int Last = 32_000;
    private const string Listening = "0A";

    private static readonly HashSet<int> Chosen = [];
    private static readonly Lock Gate = new();

    /// <summary>A port that is free on loopback and has not been handed out by this process before.</summary>
    public static int Free()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < 1000; attempt++)
            {
                var port = Random.Shared.Next(First, Last);
                if (!Chosen.Contains(port) && IsFree(port))
                {
                    Chosen.Add(port);
                    return port;
                }
            }
        }

        throw new EngineException($"No free port between {First} and {Last}.", "Stop what occupies them: ss -ltnp");
    }

    /// <summary>Whether nothing listens on a port of the loopback addresses.</summary>
    public static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    /// <summary>Who listens on a port, for people to read: "process 123 (nginx -g daemon off;)".</summary>
    public static string OwnerOf(int port)
    {
        var inodes = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == Listening && PortOf(fields[1]) == port)
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet();
        var owner = inodes.Count == 0 ? 0 : ProcFileSystem.ProcessIds().FirstOrDefault(id => OpenFiles(id).Any(inodes.Contains));
        return owner == 0
            ? "a process of another user (see: sudo ss -ltnp)"
            : $"process {owner} ({ProcFileSystem.CommandLine(owner)})";
    }

    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressNotAvailable)
        {
            // This machine has no such loopback address, so nobody can hold its ports.
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int PortOf(string address) =>
        int.TryParse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port) ? port : 0;

    private static IEnumerable<string> OpenFiles(int processId)
    {
        try
        {
            return Directory.GetFiles($"/proc/{processId}/fd")
                .Select(file => File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name ?? "").ToList();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile, or another user's: it cannot be named.
            return [];
        }
    }
}
