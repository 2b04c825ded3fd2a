using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>One thing in a list: either what it is, or what there is to say of it when it cannot be read.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Value">The thing; null when it cannot be read.</param>
/// <param name="Unreadable">What there is to say; null when it could be read.</param>
public readonly record struct PaddleListed<T>(T? Value, PaddleUnreadable? Unreadable)
    where T : class;

/// <summary>Something in a list that this version cannot read: it lacks what every such thing has, or has it in another shape.</summary>
/// <param name="Id">Paddle's id; null when even that cannot be read.</param>
/// <param name="Place">Where in it the trouble is, such as <c>$.details.totals</c>. Never what stands there.</param>
/// <param name="CustomData">What was attached to it, which may tell whose it is.</param>
public sealed record PaddleUnreadable(string? Id, string Place, JsonElement? CustomData)
{
    /// <inheritdoc />
    public override string ToString() => $"{Id} at {Place}";
}

/// <summary>Going through lists.</summary>
internal static class PaddleLists
{
    /// <summary>Everything in a list, also what cannot be read: that comes last.</summary>
    /// <typeparam name="T">What is listed.</typeparam>
    /// <param name="list">The list.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PaddleException">A page cannot be read; those before it were.</exception>
    internal static async IAsyncEnumerable<PaddleListed<T>> EachAsync<T>(
        this IAsyncEnumerable<T> list, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class
    {
        await using var items = list.GetAsyncEnumerator(cancellationToken);
        IReadOnlyList<PaddleUnreadable> unreadable;
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (PaddleException exception) when (exception.Unreadable.Count > 0)
            {
                unreadable = exception.Unreadable;
                break;
            }

            yield return new PaddleListed<T>(items.Current, null);
        }

        foreach (var one in unreadable)
        {
            yield return new PaddleListed<T>(null, one);
        }
    }
}
