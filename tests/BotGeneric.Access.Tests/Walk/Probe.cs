using BotGeneric.Testing.Services;

namespace BotGeneric.Access.Tests.Walk;

/// <summary>Data of one account in a service, and how to recognize it.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Marker">What stands in the owner's answers and in no other.</param>
internal sealed record Probe(Guid Account, string Marker)
{
    /// <summary>What a stranger writes wherever a text can be written.</summary>
    public string Trace { get; } = $"stranger-{Guid.CreateVersion7():N}"[..30];

    /// <summary>Who owns the data; null: the account itself.</summary>
    public TestToken? Owner { get; init; }

    /// <summary>Who calls as a stranger; null: an account of which there is nothing.</summary>
    public TestToken? Stranger { get; init; }

    /// <summary>Whether only those who run the system can read the data: the walk then looks for it as one of them.</summary>
    public bool IsForOperators { get; init; }

    /// <summary>Things that belong to the account: a path template up to and with a parameter, such as <c>/api/keys/{id}</c>, and the thing's id.</summary>
    public IReadOnlyDictionary<string, string> Ids { get; init; } = new Dictionary<string, string>();

    /// <summary>The body that a stranger sends about an account where the schema says too little; null: made from the schema.</summary>
    public Func<Operation, Guid, string?> Body { get; init; } = (_, _) => null;
}
