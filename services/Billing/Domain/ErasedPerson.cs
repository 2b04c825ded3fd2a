namespace BotGeneric.Billing.Domain;

/// <summary>
/// Somebody of whom names and addresses were erased, by the id alone, which leads to nobody any more. What the payment provider says only later of a payer that is this
/// person is then not kept either. Written once.
/// </summary>
public sealed class ErasedPerson
{
    /// <summary>The person, which is also the person's own account.</summary>
    public required Guid PersonId { get; init; }
}
