using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.ServiceDefaults.Http;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">What the list holds.</typeparam>
/// <param name="Items">The page's items, in the list's order.</param>
/// <param name="NextCursor">Send it as <c>cursor</c> to get what follows; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor)
{
    /// <summary>Builds a page from a query that read one row more than the page holds.</summary>
    /// <param name="rows">Up to <paramref name="limit"/> + 1 rows.</param>
    /// <param name="limit">The page's size.</param>
    /// <param name="position">The position of a row in the list's order, for the cursor.</param>
    /// <returns>The page.</returns>
    public static Page<T> From(IReadOnlyList<T> rows, int limit, Func<T, object> position)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(position);
        return rows.Count > limit
            ? new Page<T>([.. rows.Take(limit)], Cursor.Encode(position(rows[limit - 1])))
            : new Page<T>(rows, null);
    }
}

/// <summary>What a caller asks of a list: how much, and from where on.</summary>
/// <typeparam name="TPosition">The position of a row in the list's order.</typeparam>
/// <param name="Size">Items on the page.</param>
/// <param name="After">The position that the page follows; null for the first page.</param>
/// <param name="Problem">Why the request is refused; null when it is not.</param>
public sealed record PageRequest<TPosition>(int Size, TPosition? After, ProblemHttpResult? Problem)
    where TPosition : class
{
    private const int DefaultSize = 50;
    private const int MaximumSize = 200;

    /// <summary>Reads the parameters of a list: 50 items unless asked otherwise, at most 200.</summary>
    /// <param name="cursor">The parameter <c>cursor</c>, if sent.</param>
    /// <param name="limit">The parameter <c>limit</c>, if sent.</param>
    /// <returns>The request, or the problem to answer with.</returns>
    public static PageRequest<TPosition> Read(string? cursor, int? limit)
    {
        var size = limit ?? DefaultSize;
        if (size is < 1 or > MaximumSize)
        {
            return new PageRequest<TPosition>(0, null, ApiProblems.Invalid("limit", ProblemAdvice.Get("page-limit", MaximumSize)));
        }

        if (cursor is null)
        {
            return new PageRequest<TPosition>(size, null, null);
        }

        return Cursor.TryDecode<TPosition>(cursor, out var after)
            ? new PageRequest<TPosition>(size, after, null)
            : new PageRequest<TPosition>(0, null, ApiProblems.Invalid("cursor", ProblemAdvice.Get("page-cursor")));
    }
}

/// <summary>An opaque position in a list. Not a secret and not signed: a forged one only moves within what its sender may read anyway.</summary>
public static class Cursor
{
    private const int MaximumLength = 512;

    /// <summary>Writes a position.</summary>
    /// <param name="position">The position's fields.</param>
    /// <returns>Base64url text.</returns>
    public static string Encode(object position) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(position, JsonSerializerOptions.Web));

    /// <summary>Reads a position.</summary>
    /// <typeparam name="T">The type that was encoded.</typeparam>
    /// <param name="cursor">What the caller sent.</param>
    /// <param name="position">The position.</param>
    /// <returns>Whether the text is a cursor of this list.</returns>
    public static bool TryDecode<T>(string cursor, [NotNullWhen(true)] out T? position)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        position = default;
        if (cursor.Length > MaximumLength || !Base64Url.IsValid(cursor))
        {
            return false;
        }

        try
        {
            position = JsonSerializer.Deserialize<T>(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)), JsonSerializerOptions.Web);
            return position is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
