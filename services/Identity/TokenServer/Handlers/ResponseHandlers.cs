using System.Collections.Immutable;
using BotGeneric.Identity.Accounts;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace BotGeneric.Identity.TokenServer.Handlers;

/// <summary>Every address in discovery is on the public origin, also when a service inside asks under another name.</summary>
internal sealed class AttachPublicAddresses(IOptions<OriginOptions> origin) : IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        var options = origin.Value;
        context.AuthorizationEndpoint = options.Address(TokenServerNames.Authorize);
        context.TokenEndpoint = options.Address(TokenServerNames.Token);
        context.UserInfoEndpoint = options.Address(TokenServerNames.UserInfo);
        context.IntrospectionEndpoint = options.Address(TokenServerNames.Introspect);
        context.RevocationEndpoint = options.Address(TokenServerNames.Revocation);
        context.DeviceAuthorizationEndpoint = options.Address(TokenServerNames.DeviceAuthorization);
        context.PushedAuthorizationEndpoint = options.Address(TokenServerNames.PushedAuthorization);
        context.EndSessionEndpoint = options.Address(TokenServerNames.EndSession);
        context.JsonWebKeySetEndpoint = options.Address(TokenServerNames.KeySet);
        context.Metadata["acr_values_supported"] = ImmutableArray.Create<string?>(TokenServerNames.SecondFactorContext, TokenServerNames.SignedInContext);
        context.Metadata["ui_locales_supported"] = ImmutableArray.CreateRange<string?>(ProblemTexts.Languages);
        context.Metadata["service_documentation"] = options.Address("/docs").AbsoluteUri;
        return default;
    }
}

/// <summary>
/// A request that is wrong is answered to its application (RFC 6749, section 4.1.2.1), as long as the application is known and the address is one of its
/// own. The token server looks at both after everything else and would keep every error before that to itself.
/// </summary>
internal sealed class SendErrorsBack(IOpenIddictApplicationManager clients) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        // What could not be read without ambiguity (it never came to the validation) is sent nowhere: which address it names is the question.
        if (context.Response.Error is null || !string.IsNullOrEmpty(context.RedirectUri)
            || context.Transaction.GetProperty<ValidateAuthorizationRequestContext>(typeof(ValidateAuthorizationRequestContext).FullName!) is null
            || context.Request is not { ClientId: { Length: > 0 } clientId, RedirectUri: { Length: > 0 } address }
            || await clients.FindByClientIdAsync(clientId, context.CancellationToken) is not { } client
            || !await clients.ValidateRedirectUriAsync(client, address, context.CancellationToken))
        {
            return;
        }

        context.RedirectUri = address;
        // The mode that was asked for may be what is wrong.
        context.ResponseMode = OpenIddictConstants.ResponseModes.Query;
    }
}

/// <summary>The page for the code of a device is on the public origin, and the device is told how often it may ask.</summary>
internal sealed class CompleteDeviceResponse(IOptions<OriginOptions> origin, IOptions<TokenServerOptions> options)
    : IOpenIddictServerHandler<ApplyDeviceAuthorizationResponseContext>
{
    public ValueTask HandleAsync(ApplyDeviceAuthorizationResponseContext context)
    {
        if (context.Response.Error is null && context.Response.UserCode is { } userCode)
        {
            var page = origin.Value.Address(TokenServerNames.Device).AbsoluteUri;
            context.Response.VerificationUri = page;
            context.Response.VerificationUriComplete = $"{page}?user_code={Uri.EscapeDataString(userCode)}";
            context.Response["interval"] = (long)options.Value.DevicePollInterval.TotalSeconds;
        }

        return default;
    }
}

/// <summary>A device that asks more often than it was told is asked to slow down (RFC 8628, section 3.5).</summary>
internal sealed class SlowDevicesDown(DevicePolling polling) : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public async ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        if (context.Response.Error == OpenIddictConstants.Errors.AuthorizationPending && context.Request?.DeviceCode is { } code && await polling.IsTooSoonAsync(code))
        {
            context.Response.Error = OpenIddictConstants.Errors.SlowDown;
            context.Response.ErrorDescription = "Ask less often.";
        }
    }
}
