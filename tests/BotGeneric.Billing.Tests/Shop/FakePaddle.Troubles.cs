using System.Collections.Concurrent;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Tests.Shop;

/// <content>What is wrong at Paddle for longer than a call.</content>
public sealed partial class FakePaddle
{
    private int _asked;

    /// <summary>What becomes of calls about single transactions.</summary>
    public ConcurrentDictionary<string, PaddleFailure> Troubles { get; } = new(StringComparer.Ordinal);

    /// <summary>What becomes of every call about transactions; null: what is asked for.</summary>
    public PaddleFailure? Refusal { get; set; }

    /// <summary>What stands in the list of transactions and cannot be read.</summary>
    public ConcurrentQueue<PaddleUnreadable> Unreadable { get; } = new();

    /// <summary>How many calls about transactions there were.</summary>
    public int Asked => Volatile.Read(ref _asked);

    private PaddleFailure? Trouble(string? transactionId)
    {
        Interlocked.Increment(ref _asked);
        return Refusal ?? (transactionId is null ? null : Troubles.GetValueOrDefault(transactionId));
    }

    private async IAsyncEnumerable<T> WithTroubles<T>(IEnumerable<T> list)
    {
        await Task.Yield();
        if (Trouble(null) is { } failure)
        {
            throw new PaddleException(failure);
        }

        foreach (var item in list)
        {
            yield return item;
        }

        if (!Unreadable.IsEmpty)
        {
            throw PaddleException.Of([.. Unreadable]);
        }
    }
}
