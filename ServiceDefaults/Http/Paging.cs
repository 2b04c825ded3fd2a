using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

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

/// <summary>The size of pages: 50 unless asked otherwise, at most 200.</summary>
public static class PageSize
{
    /// <summary>Items on a page when the caller does not say.</summary>
    public const int Default = 50;

    /// <summary>The most that a caller may ask for.</summary>
    public const int Maximum = 200;

    /// <summary>Checks the <c>limit</c> parameter of a list.</summary>
    /// <param name="limit">What the caller sent, if anything.</param>
    /// <param name="size">The size to use.</param>
    /// <returns>Whether the parameter is in range.</returns>
    public static bool TryGet(int? limit, out int size)
    {
        size = limit ?? Default;
        return size is > 0 and <= Maximum;
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
