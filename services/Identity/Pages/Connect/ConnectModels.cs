using BotGeneric.Identity.TokenServer;
using BotGeneric.Identity.TokenServer.Clients;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>An application wants something.</summary>
/// <param name="Application">What it is called.</param>
/// <param name="Account">Who is signed in; null without a name and an address.</param>
/// <param name="ClientId">The application's id.</param>
/// <param name="RequestUri">The request.</param>
/// <param name="Scopes">What it wants; empty when only the account is to be confirmed.</param>
/// <param name="RedirectHost">Where it goes from here.</param>
public sealed record ConsentModel(
    string Application, string? Account, string ClientId, string RequestUri, IReadOnlyList<string> Scopes, string? RedirectHost);

/// <summary>A request that cannot be answered to whoever made it.</summary>
/// <param name="Error">The error of the standard.</param>
/// <param name="Description">The error in words, for a developer.</param>
public sealed record ConnectErrorModel(string Error, string? Description);

/// <summary>Whether to sign out.</summary>
/// <param name="Fields">What the application sent, to be sent again.</param>
public sealed record SignOutModel(IReadOnlyList<KeyValuePair<string, string?>> Fields);

/// <summary>What the page of devices shows.</summary>
public enum DeviceStep
{
    Enter,
    Confirm,
    Allowed,
    Denied,
}

/// <summary>What is wrong with a code.</summary>
public enum DeviceProblem
{
    Unknown,
    TooMany,
}

/// <summary>The page of devices.</summary>
public sealed record DeviceModel(
    DeviceStep Step, string? Code = null, string? Application = null, IReadOnlyList<string>? Scopes = null, string? Account = null, DeviceProblem? Problem = null);

/// <summary>Applications that the person allowed something.</summary>
public sealed record ApplicationsModel(IReadOnlyList<GrantedApplication> Applications);

/// <summary>Every client.</summary>
public sealed record ClientsModel(IReadOnlyList<ClientDefinition> Clients);

/// <summary>One client, or a new one.</summary>
/// <param name="Client">As it is, or as it was filled in.</param>
/// <param name="IsNew">Whether it is to be created.</param>
/// <param name="Secret">A new secret, shown this once.</param>
/// <param name="Problems">What is wrong with what was filled in.</param>
/// <param name="IsSaved">Whether it was just saved.</param>
public sealed record ClientModel(
    ClientDefinition Client, bool IsNew, string? Secret = null, IReadOnlyList<ClientProblem>? Problems = null, bool IsSaved = false)
{
    public string? Error(string field) =>
        Problems?.FirstOrDefault(problem => problem.Field == field) is { } problem ? ConnectTexts.Get($"problem.{problem.Code}") : null;
}
