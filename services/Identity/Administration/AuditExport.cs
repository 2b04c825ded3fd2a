using System.Globalization;
using System.Text;
using System.Text.Json;

namespace BotGeneric.Identity.Administration;

/// <summary>Writes entries of the audit log as they come from the database, so that the log may be of any length.</summary>
internal static class AuditExport
{
    private const string Columns = "sequence,at,action,outcome,actorId,impersonatorId,userId,organizationId,target,details,ipAddress,userAgent,traceId,hash";

    public static async Task WriteCsvAsync(IAsyncEnumerable<AuditEntryDetail> entries, Stream output, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync(Columns.AsMemory(), cancellationToken);
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            await writer.WriteLineAsync(Line(entry).AsMemory(), cancellationToken);
        }
    }

    public static Task WriteJsonAsync(IAsyncEnumerable<AuditEntryDetail> entries, Stream output, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeAsync(output, entries, JsonSerializerOptions.Web, cancellationToken);

    /// <summary>
    /// A cell as RFC 4180 wants it. One that a spreadsheet would take for a formula gets an apostrophe in front, which makes it text there: a browser
    /// calls itself what it likes, and an admin opens the file.
    /// </summary>
    internal static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return string.Empty;
        }

        // Some spreadsheets skip space before the sign, and read the wide forms of the signs too.
        var first = value.AsSpan().TrimStart() is { Length: > 0 } trimmed ? trimmed[0] : value[0];
        var text = first is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠' || value[0] is '\t' or '\r' or '\n' ? $"'{value}" : value;
        return text.AsSpan().ContainsAny(",\"\r\n\t;") || text.Length != text.Trim().Length ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static string Line(AuditEntryDetail entry) => string.Join(',', new[]
    {
        entry.Sequence.ToString(CultureInfo.InvariantCulture),
        entry.At.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        entry.Action, entry.Outcome, entry.ActorId?.ToString(), entry.ImpersonatorId?.ToString(), entry.UserId?.ToString(), entry.OrganizationId?.ToString(),
        entry.Target, entry.Details is null ? null : JsonSerializer.Serialize(entry.Details), entry.IpAddress, entry.UserAgent, entry.TraceId, entry.Hash,
    }.Select(Cell));
}
