using System.Diagnostics.CodeAnalysis;

namespace BotGeneric.Simulators.Paddle.State;

/// <summary>Entities of one kind, in the order in which they were created. Guarded by the world's lock.</summary>
/// <typeparam name="T">The kind.</typeparam>
internal sealed class EntityTable<T>
    where T : class, IEntity
{
    private readonly OrderedDictionary<string, T> _rows = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);

    /// <summary>To look at. Who changes one of them says so with <see cref="Touch"/>.</summary>
    public IReadOnlyList<T> All => _rows.Values;

    /// <summary>Whether it remembers what may have changed.</summary>
    public bool IsWatched { get; set; }

    public T Add(T entity)
    {
        _rows.Add(entity.Id, entity);
        return Touch(entity);
    }

    /// <summary>Says that an entity may be changed from here on.</summary>
    public T Touch(T entity)
    {
        if (IsWatched)
        {
            _touched.Add(entity.Id);
        }

        return entity;
    }

    /// <summary>What may have changed since the last time, with what it is now; null for what is gone.</summary>
    public IReadOnlyList<(string Id, T? Entity)> TakeTouched()
    {
        (string, T?)[] touched = [.. _touched.Select(id => (id, _rows.GetValueOrDefault(id)))];
        _touched.Clear();
        return touched;
    }

    /// <summary>To change.</summary>
    public T? Find(string? id) => id is not null && _rows.TryGetValue(id, out var found) ? Touch(found) : null;

    public bool TryFind(string? id, [MaybeNullWhen(false)] out T entity)
    {
        entity = Find(id);
        return entity is not null;
    }

    public void Remove(string id)
    {
        if (_rows.Remove(id) && IsWatched)
        {
            _touched.Add(id);
        }
    }

    public void Clear()
    {
        _rows.Clear();
        _touched.Clear();
    }
}
