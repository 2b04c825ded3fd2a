using BotGeneric.Contracts.Notifications.V1;

namespace BotGeneric.Notifications.Templates;

/// <summary>What a template needs, and what it is for.</summary>
/// <param name="Values">Every value it needs, by name, and how it is read. It takes no other.</param>
/// <param name="Links">The values that become buttons, in their order.</param>
/// <param name="IsCritical">
/// Whether it tells a person what happened to the account, or lets them into it: for the first time, again, or under another address. Such a message may be
/// tried at an address that bounced a day ago or earlier: a full mailbox must not hide a stolen account for ever, nor keep its owner from having one.
/// </param>
/// <param name="VariedBy">The value that chooses between variants of subject and body, if there are any.</param>
internal sealed record TemplateDefinition(
    IReadOnlyDictionary<string, ValueKind> Values, IReadOnlyList<string> Links, bool IsCritical = false, string? VariedBy = null);

/// <summary>How a value is read and shown.</summary>
internal enum ValueKind
{
    /// <summary>An absolute http(s) address of ours.</summary>
    Link,

    /// <summary>A number of minutes.</summary>
    Minutes,

    /// <summary>A number of hours.</summary>
    Hours,

    /// <summary>A number of days.</summary>
    Days,

    /// <summary>A moment, RFC 3339; shown in UTC.</summary>
    Time,

    /// <summary>A day, as RFC 3339 moment or date.</summary>
    Day,

    /// <summary>Text that somebody may have chosen freely.</summary>
    Text,

    /// <summary>A way to sign in or a second factor, which has a name in each language.</summary>
    SignInMethod,

    /// <summary>A role in an organization, which has a name in each language.</summary>
    Role,

    /// <summary><c>added</c> or <c>removed</c>.</summary>
    Change,
}

/// <summary>The templates.</summary>
internal static class TemplateCatalogue
{
    private static readonly Dictionary<string, TemplateDefinition> All = new(StringComparer.Ordinal)
    {
        [NotificationTemplates.VerifyEmail] = new(With(("link", ValueKind.Link), ("hours", ValueKind.Hours)), ["link"], IsCritical: true),
        // As the one before it: whether an address has an account must not show in what reaches it.
        [NotificationTemplates.AlreadyRegistered] =
            new(With(("signInLink", ValueKind.Link), ("resetLink", ValueKind.Link)), ["signInLink", "resetLink"], IsCritical: true),
        [NotificationTemplates.ResetPassword] = new(With(("link", ValueKind.Link), ("minutes", ValueKind.Minutes)), ["link"], IsCritical: true),
        [NotificationTemplates.PasswordChanged] = new(With(("when", ValueKind.Time)), [], IsCritical: true),
        [NotificationTemplates.ConfirmNewEmail] = new(With(("link", ValueKind.Link), ("hours", ValueKind.Hours)), ["link"], IsCritical: true),
        [NotificationTemplates.EmailChanged] = new(With(("when", ValueKind.Time), ("newAddress", ValueKind.Text)), [], IsCritical: true),
        [NotificationTemplates.SecurityChanged] = new(
            With(("what", ValueKind.SignInMethod), ("change", ValueKind.Change), ("when", ValueKind.Time)), [], IsCritical: true, VariedBy: "change"),
        [NotificationTemplates.NewSignIn] = new(
            With(("device", ValueKind.Text), ("when", ValueKind.Time), ("sessionsLink", ValueKind.Link)), ["sessionsLink"], IsCritical: true),
        [NotificationTemplates.OrganizationInvitation] = new(
            With(("organization", ValueKind.Text), ("inviter", ValueKind.Text), ("role", ValueKind.Role), ("link", ValueKind.Link), ("days", ValueKind.Days)),
            ["link"]),
        [NotificationTemplates.DeletionScheduled] =
            new(With(("when", ValueKind.Day), ("cancelLink", ValueKind.Link)), ["cancelLink"], IsCritical: true),
        [NotificationTemplates.ApiKeyCreated] = new(With(("name", ValueKind.Text), ("when", ValueKind.Time)), [], IsCritical: true),
        [NotificationTemplates.AccountsMerged] = new(With(("when", ValueKind.Time)), [], IsCritical: true),
        [NotificationTemplates.AccountAbsorbed] = new(With(("when", ValueKind.Time)), [], IsCritical: true),
    };

    public static TemplateDefinition? Find(string template) => All.GetValueOrDefault(template);

    public static bool IsCritical(string template) => Find(template) is { IsCritical: true };

    private static Dictionary<string, ValueKind> With(params (string Name, ValueKind Kind)[] values) =>
        values.ToDictionary(value => value.Name, value => value.Kind, StringComparer.Ordinal);
}
