using System.Globalization;

namespace BotGeneric.AppHost.Native;

/// <summary>
/// Reads an ExportTraceServiceRequest. Field numbers are those of opentelemetry-proto's trace.proto, resource.proto and common.proto.
/// </summary>
internal static class OtlpTraceReader
{
    private const int NanosecondsPerTick = 100;
    private static readonly string[] Kinds = ["internal", "internal", "server", "client", "producer", "consumer"];
    private static readonly string[] Statuses = ["unset", "ok", "error"];

    /// <exception cref="InvalidDataException">The data is not such a request.</exception>
    public static IReadOnlyList<TraceSpan> Read(ReadOnlySpan<byte> request)
    {
        var spans = new List<TraceSpan>();
        var reader = new ProtobufReader(request);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                ReadResourceSpans(reader.Bytes(), spans);
            }
            else
            {
                reader.Skip();
            }
        }

        return spans;
    }

    private static void ReadResourceSpans(ReadOnlySpan<byte> message, List<TraceSpan> spans)
    {
        var service = "unknown";
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                service = ReadAttributes(reader.Bytes()).GetValueOrDefault("service.name", service);
            }
            else
            {
                reader.Skip();
            }
        }

        // Twice over the message, because nothing promises that the resource comes before its spans.
        reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2)
            {
                ReadScopeSpans(reader.Bytes(), service, spans);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadScopeSpans(ReadOnlySpan<byte> message, string service, List<TraceSpan> spans)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2)
            {
                spans.Add(ReadSpan(reader.Bytes(), service));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static TraceSpan ReadSpan(ReadOnlySpan<byte> message, string service)
    {
        string traceId = "", spanId = "", parent = "", name = "", status = Statuses[0];
        string? statusMessage = null;
        ulong kind = 0, start = 0, end = 0;
        var attributes = new Dictionary<string, string>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    traceId = Convert.ToHexStringLower(reader.Bytes());
                    break;
                case 2:
                    spanId = Convert.ToHexStringLower(reader.Bytes());
                    break;
                case 4:
                    parent = Convert.ToHexStringLower(reader.Bytes());
                    break;
                case 5:
                    name = reader.Text();
                    break;
                case 6:
                    kind = reader.Integer();
                    break;
                case 7:
                    start = reader.Fixed64();
                    break;
                case 8:
                    end = reader.Fixed64();
                    break;
                case 9:
                    ReadAttribute(reader.Bytes(), attributes);
                    break;
                case 15:
                    (status, statusMessage) = ReadStatus(reader.Bytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new TraceSpan(
            traceId, spanId, parent.Length == 0 ? null : parent, service, name, NameOf(Kinds, kind),
            DateTimeOffset.UnixEpoch.AddTicks((long)(start / NanosecondsPerTick)), end > start ? (end - start) / 1_000_000.0 : 0,
            status, statusMessage, attributes);
    }

    private static (string Status, string? Message) ReadStatus(ReadOnlySpan<byte> message)
    {
        string? text = null;
        var code = 0UL;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    text = reader.Text();
                    break;
                case 3:
                    code = reader.Integer();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return (NameOf(Statuses, code), text);
    }

    private static Dictionary<string, string> ReadAttributes(ReadOnlySpan<byte> resource)
    {
        var attributes = new Dictionary<string, string>();
        var reader = new ProtobufReader(resource);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                ReadAttribute(reader.Bytes(), attributes);
            }
            else
            {
                reader.Skip();
            }
        }

        return attributes;
    }

    private static void ReadAttribute(ReadOnlySpan<byte> keyValue, Dictionary<string, string> attributes)
    {
        string key = "", value = "";
        var reader = new ProtobufReader(keyValue);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    key = reader.Text();
                    break;
                case 2:
                    value = ReadValue(reader.Bytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        attributes[key] = value;
    }

    // Lists and nested values are of no use in a table of details.
    private static string ReadValue(ReadOnlySpan<byte> anyValue)
    {
        var value = "";
        var reader = new ProtobufReader(anyValue);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    value = reader.Text();
                    break;
                case 2:
                    value = reader.Integer() == 0 ? "false" : "true";
                    break;
                case 3:
                    value = ((long)reader.Integer()).ToString(CultureInfo.InvariantCulture);
                    break;
                case 4:
                    value = BitConverter.UInt64BitsToDouble(reader.Fixed64()).ToString(CultureInfo.InvariantCulture);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return value;
    }

    private static string NameOf(string[] names, ulong number) => number < (ulong)names.Length ? names[number] : names[0];
}
