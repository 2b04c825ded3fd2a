using System.ComponentModel.DataAnnotations;
using BotGeneric.Contracts.Identity;

namespace BotGeneric.Identity.Administration;

/// <summary>Keys under <c>Administration</c>.</summary>
public sealed class AdministrationOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Administration";

    /// <summary>Whether an admin's role counts only with a second factor. Only a process in the Development environment starts without.</summary>
    public bool RequireSecondFactor { get; set; } = true;

    /// <summary>The admin who is created when there is none; null: nobody.</summary>
    public InitialAdminOptions? InitialAdmin { get; set; }

    internal static bool IsAllowedOutsideOfDevelopment(AdministrationOptions options) => options.RequireSecondFactor && options.InitialAdmin?.ApiKey is null;

    internal static bool HasUsableAdmin(AdministrationOptions options) =>
        options.InitialAdmin is not { } admin
        || (new EmailAddressAttribute().IsValid(admin.Email) && admin.Email is { Length: > 2 and <= 256 } && admin.Password is { Length: >= 12 and <= 256 });

    internal static bool HasUsableKey(AdministrationOptions options) =>
        options.InitialAdmin?.ApiKey is not { } key || ApiKeyFormat.TryParse(key, out _);
}

/// <summary>The admin who is created at the start of a system that has none.</summary>
public sealed class InitialAdminOptions
{
    /// <summary>The e-mail address. It counts as verified: the operator says so.</summary>
    public string? Email { get; set; }

    /// <summary>The password, 12 characters or more. Change it after the first sign-in.</summary>
    public string? Password { get; set; }

    /// <summary>A whole key in the format of the system, with every scope. In the Development environment only.</summary>
    public string? ApiKey { get; set; }
}
