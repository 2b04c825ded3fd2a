using BotGeneric.Identity.Access;

namespace BotGeneric.Identity.ApiKeys;

/// <summary>Why something is not done with a key.</summary>
internal static class KeyRefusals
{
    internal static readonly Refusal NotFound = Refusal.NotFound("key-not-found");
    internal static readonly Refusal NoAccount = Refusal.NotFound("account-not-found");
    internal static readonly Refusal OrganizationNotFound = Refusal.NotFound("organization-not-found");
    internal static readonly Refusal RoleTooLow = Refusal.Forbidden("role-too-low");
    internal static readonly Refusal WiderThanMaker = Refusal.Forbidden("wider-than-maker");
    internal static readonly Refusal NotTheMaker = Refusal.Forbidden("not-the-maker");
    internal static readonly Refusal Ended = Refusal.Conflict("key-ended");
    internal static readonly Refusal AlreadyRotated = Refusal.Conflict("key-already-rotated");
}
