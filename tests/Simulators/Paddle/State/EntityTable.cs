using System.Diagnostics.CodeAnalysis;

namespace BotGeneric.Simulators.Paddle.State;

/// <summary>Entities of one kind, in the order in which they were created. Guarded by the world's lock.</summary>
/// <typeparam name="T">The kind.</typeparam>
internal sealed class EntityTable<T>
    where T : class, IEntity
{
    private readonly OrderedDictionary<string, T> _rows = new(StringComparer.Ordinal);

    public IReadOnlyList<T> All => _rows.Values;

    public T Add(T entity)
    {
        _rows.Add(entity.Id, entity);
        return entity;
    }

    public T? Find(string? id) => id is not null && _rows.TryGetValue(id, out var found) ? found : null;

    public bool TryFind(string? id, [MaybeNullWhen(false)] out T entity)
    {
        entity = Find(id);
        return entity is not null;
    }

    public void Remove(string id) => _rows.Remove(id);

    public void Clear() => _rows.Clear();
}
