using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Notifications;

/// <summary>What tests do to deliveries.</summary>
/// <param name="Duplicates">How many more times each one is delivered.</param>
/// <param name="DelaySeconds">How much later, by the simulator's clock.</param>
/// <param name="ReorderWindow">How many in a row are shuffled; 0 or 1 for none.</param>
/// <param name="Seed">Shuffles the same way in every run.</param>
/// <param name="Hold">Keeps them back until they are released.</param>
/// <param name="DropNext">How many of the next ones are lost: never attempted.</param>
public sealed record DeliveryBehaviour(
    int Duplicates = 0, double DelaySeconds = 0, int ReorderWindow = 0, int Seed = 1, bool Hold = false, int DropNext = 0);

/// <summary>How deliveries stand.</summary>
/// <param name="Settled">Whether none waits for its first attempt or its turn.</param>
/// <param name="Pending">How many do.</param>
/// <param name="Held">How many are kept back.</param>
/// <param name="Retrying">How many failed and will be tried again.</param>
/// <param name="Failed">How many were given up, or lost on purpose.</param>
/// <param name="Delivered">How many arrived.</param>
public sealed record DeliveryState(bool Settled, int Pending, int Held, int Retrying, int Failed, int Delivered);

/// <summary>What has to be delivered. Guarded by the world's lock.</summary>
/// <param name="world">The lock and the clock.</param>
internal sealed class DeliveryQueue(PaddleWorld world)
{
    private readonly List<Entry> _entries = [];
    private readonly List<Notification> _held = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DeliveryBehaviour _behaviour = new();
    private Random _random = new(1);
    private int _inFlight;

    /// <summary>Completes when anything changes.</summary>
    public Task Changed => _changed.Task;

    public DeliveryBehaviour Behaviour
    {
        get => _behaviour;
        set
        {
            (_behaviour, _random) = (value, new Random(value.Seed));
            if (!value.Hold)
            {
                Release();
            }

            Pulse();
        }
    }

    public DeliveryState State
    {
        get
        {
            var retrying = _entries.Count(entry => entry.IsRetry && entry.NotBefore > world.Clock.Now);
            var pending = _entries.Count - retrying + _inFlight;
            return new DeliveryState(
                pending == 0, pending, _held.Count, retrying, Count(NotificationStatuses.Failed), Count(NotificationStatuses.Delivered));

            int Count(string status) => world.Notifications.All.Count(notification => notification.Status == status);
        }
    }

    public void Add(IReadOnlyList<Notification> notifications)
    {
        var kept = notifications.Where(notification => !Drops(notification)).ToArray();
        if (_behaviour.Hold)
        {
            _held.AddRange(kept);
        }
        else
        {
            Enqueue(kept);
        }

        Pulse();
    }

    /// <summary>Lets go what was kept back.</summary>
    /// <returns>How many.</returns>
    public int Release()
    {
        var count = _held.Count;
        Enqueue(_held);
        _held.Clear();
        Pulse();
        return count;
    }

    /// <summary>After a restart: what was not delivered. What tests had held back or delayed is due now.</summary>
    public void GoOn(IEnumerable<Notification> notifications)
    {
        _entries.AddRange(notifications.Select(notification => notification.RetryAt is { } at
            ? new Entry(notification, at, IsRetry: true)
            : new Entry(notification, world.Clock.Now, IsRetry: false)));
        Pulse();
    }

    public void Retry(Notification notification, DateTimeOffset at)
    {
        _entries.Add(new Entry(notification, at, IsRetry: true));
        Pulse();
    }

    /// <summary>The next one whose time has come, and otherwise how long to wait.</summary>
    public Notification? Take(out TimeSpan? wait)
    {
        wait = null;
        var now = world.Clock.Now;
        var index = _entries.FindIndex(entry => entry.NotBefore <= now);
        if (index < 0)
        {
            wait = _entries.Count == 0 ? null : _entries.Min(entry => entry.NotBefore) - now;
            return null;
        }

        var notification = _entries[index].Notification;
        _entries.RemoveAt(index);
        _inFlight++;
        return notification;
    }

    public void Finish()
    {
        _inFlight--;
        Pulse();
    }

    public void Reset()
    {
        _entries.Clear();
        _held.Clear();
        Behaviour = new DeliveryBehaviour();
    }

    /// <summary>Wakes who waits: the clock moved, or something came or went.</summary>
    public void Pulse()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private bool Drops(Notification notification)
    {
        if (_behaviour.DropNext == 0)
        {
            return false;
        }

        _behaviour = _behaviour with { DropNext = _behaviour.DropNext - 1 };
        notification.Status = NotificationStatuses.Failed;
        return true;
    }

    private void Enqueue(IEnumerable<Notification> notifications)
    {
        var copies = notifications.SelectMany(notification => Enumerable.Repeat(notification, 1 + _behaviour.Duplicates)).ToArray();
        if (_behaviour.ReorderWindow > 1)
        {
            for (var start = 0; start < copies.Length; start += _behaviour.ReorderWindow)
            {
                _random.Shuffle(copies.AsSpan(start, Math.Min(_behaviour.ReorderWindow, copies.Length - start)));
            }
        }

        var notBefore = world.Clock.Now.AddSeconds(_behaviour.DelaySeconds);
        _entries.AddRange(copies.Select(copy => new Entry(copy, notBefore, IsRetry: false)));
    }

    private sealed record Entry(Notification Notification, DateTimeOffset NotBefore, bool IsRetry);
}
