namespace BotGeneric.Identity.External;

/// <summary>The providers that people can sign in with, as pages show them.</summary>
public interface IExternalProviderList
{
    /// <summary>One button for each provider that is configured, always in the same order.</summary>
    IReadOnlyList<ExternalProviderButton> Buttons { get; }
}

/// <summary>A button that begins a sign-in.</summary>
/// <param name="Provider">One of <see cref="Contracts.Identity.V1.IdentityProviders"/>.</param>
/// <param name="StartPath">
/// A path of ours to open with GET. It takes <c>returnUrl</c>, a path of ours, and <c>purpose=confirm</c> for somebody who is signed in and shall
/// show the credential again.
/// </param>
public sealed record ExternalProviderButton(string Provider, string StartPath);
