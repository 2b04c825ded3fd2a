using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts.Privacy;

namespace BotGeneric.Identity.Administration.Pages;

/// <summary>The list of people.</summary>
/// <param name="Users">A page of it, newest first.</param>
/// <param name="Search">What was searched for.</param>
/// <param name="State">In which state; null: any.</param>
/// <param name="Role">With which role; null: any.</param>
/// <param name="IsFirst">Whether it is the first page.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record AdminUsersModel(IReadOnlyList<UserSummary> Users, string? Search, string? State, string? Role, bool IsFirst, string? Next);

/// <summary>A person, for admins.</summary>
/// <param name="Detail">Everything that belongs to the person.</param>
/// <param name="Activity">The newest entries of the audit log by and about the person.</param>
/// <param name="Names">What the people and organizations in them are called.</param>
/// <param name="IsSelf">Whether the admin looks at themselves.</param>
/// <param name="Confirmation">Where the admin shows what changes demand; null: it was shown a moment ago.</param>
/// <param name="ImpersonationRefusal">Why nobody can act as the person, as a code; null: one can.</param>
/// <param name="Done">What was done just now.</param>
/// <param name="Refusal">Why something was not done.</param>
/// <param name="Form">The form that was refused: <c>lock</c>, <c>impersonate</c>, or null.</param>
/// <param name="Reason">What was written there as a reason.</param>
public sealed record AdminUserModel(
    UserDetail Detail, IReadOnlyList<AuditEntryDetail> Activity, AuditNames Names, bool IsSelf, string? Confirmation, string? ImpersonationRefusal, string? Done, Refusal? Refusal,
    string? Form, string? Reason)
{
    /// <summary>What is wrong with the reason of a form.</summary>
    /// <param name="form">The form.</param>
    internal string? ErrorOf(string form) => Form == form && Refusal is { Field: "reason" } ? Refusal.Words(AdministrationTexts.Get) : null;

    /// <summary>What was written as a reason in a form.</summary>
    /// <param name="form">The form.</param>
    internal string? ReasonOf(string form) => Form == form ? Reason : null;
}

/// <summary>The fields of a search in the audit log, as they were sent.</summary>
/// <param name="Action">What was done.</param>
/// <param name="Actor">Who did it: an id.</param>
/// <param name="User">To whom: an id.</param>
/// <param name="Organization">In which organization: an id.</param>
/// <param name="From">The first day, as <c>yyyy-MM-dd</c>, in the time zone of whoever searches.</param>
/// <param name="To">The last day.</param>
public sealed record AdminAuditFields(string? Action, string? Actor, string? User, string? Organization, string? From, string? To)
{
    /// <summary>Everything is meant.</summary>
    public static AdminAuditFields Empty { get; } = new(null, null, null, null, null, null);

    internal IEnumerable<KeyValuePair<string, string?>> Parameters =>
        new Dictionary<string, string?>
        {
            ["action"] = Action,
            ["actor"] = Actor,
            ["user"] = User,
            ["organization"] = Organization,
            ["from"] = From,
            ["to"] = To,
        }.Where(parameter => !string.IsNullOrEmpty(parameter.Value));
}

/// <summary>The audit log.</summary>
/// <param name="Fields">What was searched for.</param>
/// <param name="Entries">A page of it, newest first.</param>
/// <param name="Names">What the people and organizations in them are called.</param>
/// <param name="IsFirst">Whether it is the first page.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
/// <param name="IsInvalid">Whether a field holds what it cannot hold.</param>
/// <param name="Verification">Whether the log is as it was written; null: nobody asked.</param>
public sealed record AdminAuditModel(
    AdminAuditFields Fields, IReadOnlyList<AuditEntryDetail> Entries, AuditNames Names, bool IsFirst, string? Next, bool IsInvalid = false,
    AuditVerification? Verification = null);

/// <summary>Deletions of people.</summary>
/// <param name="Erasures">A page of them, the newest request first.</param>
/// <param name="IsFirst">Whether it is the first page.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record AdminErasuresModel(IReadOnlyList<ErasureAnswer> Erasures, bool IsFirst, string? Next);
