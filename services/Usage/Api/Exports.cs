using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Usage.Api;

/// <summary>How a list is exported.</summary>
internal enum ExportFormat
{
    Csv,
    Json,
}

/// <summary>Chooses how a list is exported.</summary>
internal static class ExportFormats
{
    /// <summary>By the parameter, else by what the request accepts, else as usual.</summary>
    /// <param name="format">The parameter.</param>
    /// <param name="request">The request.</param>
    /// <param name="usual">The usual format.</param>
    /// <param name="chosen">The choice.</param>
    /// <returns>False when the parameter names no format.</returns>
    public static bool TryChoose(string? format, HttpRequest request, ExportFormat usual, out ExportFormat chosen)
    {
        chosen = format switch
        {
            "csv" => ExportFormat.Csv,
            "json" => ExportFormat.Json,
            _ => Accepted(request) ?? usual,
        };
        return format is null or "csv" or "json";
    }

    private static ExportFormat? Accepted(HttpRequest request)
    {
        foreach (var type in request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1))
        {
            if (type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            {
                return ExportFormat.Csv;
            }

            if (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            {
                return ExportFormat.Json;
            }
        }

        return null;
    }
}

/// <summary>Writes lists of any length as they come.</summary>
internal static class Exports
{
    private const int FlushEvery = 1_000;

    /// <summary>An answer that is written while its items are read.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <param name="format">How.</param>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="columns">The first line of the CSV.</param>
    /// <param name="items">The items.</param>
    /// <param name="cells">The cells of an item's line.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static PushStreamHttpResult Stream<T>(
        ExportFormat format, string name, IReadOnlyList<string> columns, IAsyncEnumerable<T> items, Func<T, object?[]> cells, CancellationToken cancellationToken) =>
        format == ExportFormat.Json
            ? TypedResults.Stream(output => JsonSerializer.SerializeAsync(output, items, JsonSerializerOptions.Web, cancellationToken), "application/json", name + ".json")
            : TypedResults.Stream(output => WriteCsvAsync(output, columns, items, cells, cancellationToken), "text/csv; charset=utf-8", name + ".csv");

    /// <summary>
    /// A cell as RFC 4180 wants it. A text that a spreadsheet would take for a formula gets an apostrophe in front: names of models and features come from
    /// whoever reports usage, and somebody else opens the file. Numbers of ours stay numbers.
    /// </summary>
    /// <param name="value">The value.</param>
    public static string Cell(object? value) => value switch
    {
        null => string.Empty,
        DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Text(value.ToString()!),
    };

    private static string Text(string value)
    {
        if (value.Length == 0)
        {
            return value;
        }

        // Some spreadsheets skip space before the sign, and read the wide forms of the signs too.
        var first = value.AsSpan().TrimStart() is { Length: > 0 } trimmed ? trimmed[0] : value[0];
        var text = first is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠' || value[0] is '\t' or '\r' or '\n' ? $"'{value}" : value;
        return text.AsSpan().ContainsAny(",\"\r\n\t;") || text.Length != text.Trim().Length ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static async Task WriteCsvAsync<T>(
        Stream output, IReadOnlyList<string> columns, IAsyncEnumerable<T> items, Func<T, object?[]> cells, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        await writer.WriteLineAsync(string.Join(',', columns).AsMemory(), cancellationToken);
        var written = 0;
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            await writer.WriteLineAsync(string.Join(',', cells(item).Select(Cell)).AsMemory(), cancellationToken);
            if (++written % FlushEvery == 0)
            {
                await writer.FlushAsync(cancellationToken);
            }
        }
    }
}
