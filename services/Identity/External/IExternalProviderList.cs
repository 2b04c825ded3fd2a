namespace BotGeneric.Identity.External;

/// <summary>The other providers with which people can sign in here, as the sign-in page shows them.</summary>
public interface IExternalProviderList
{
    /// <summary>One for each provider that is configured, in the order of the page.</summary>
    IReadOnlyList<ExternalProviderButton> Buttons { get; }

    /// <summary>Whether somebody whose only way in is a provider can get in.</summary>
    /// <param name="provider">The provider.</param>
    bool LeadsIn(string provider);
}

/// <summary>A button of the sign-in page.</summary>
/// <param name="Provider">One of <see cref="Contracts.Identity.V1.IdentityProviders"/>.</param>
/// <param name="StartPath">Where signing in with it begins: <c>/login/external/{provider}</c>.</param>
public sealed record ExternalProviderButton(string Provider, string StartPath);

/// <summary>No other provider: what stands while none is configured.</summary>
public sealed class NoExternalProviders : IExternalProviderList
{
    /// <inheritdoc />
    public IReadOnlyList<ExternalProviderButton> Buttons => [];

    /// <inheritdoc />
    public bool LeadsIn(string provider) => false;
}
